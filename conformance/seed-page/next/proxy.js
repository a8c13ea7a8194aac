import { clerkMiddleware } from '@clerk/nextjs/server';

// With CLERK_FAPI_URL the app itself serves the Frontend API under /__clerk (the same-origin recipe);
// without it NEXT_PUBLIC_CLERK_PROXY_URL names the server (the direct recipe).
export default clerkMiddleware({
  frontendApiProxy: { enabled: Boolean(process.env.CLERK_FAPI_URL) },
});

export const config = { matcher: ['/', '/api/(.*)', '/__clerk/(.*)'] };
