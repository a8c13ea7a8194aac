import { clerkMiddleware } from '@clerk/nextjs/server';

// A proxy URL that is a path means that this app serves the Frontend API itself, for the server at CLERK_FAPI_URL;
// an absolute one means that browsers reach the server directly.
export default clerkMiddleware({
  frontendApiProxy: { enabled: Boolean(process.env.NEXT_PUBLIC_CLERK_PROXY_URL?.startsWith('/')) },
});

export const config = { matcher: ['/', '/api/(.*)', '/__clerk/(.*)'] };
