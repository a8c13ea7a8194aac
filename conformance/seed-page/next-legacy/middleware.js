import { authMiddleware } from '@clerk/nextjs/server';

// Every route is public: each decides for itself with getAuth, as the page does.
export default authMiddleware({ publicRoutes: ['/(.*)'] });

export const config = { matcher: ['/', '/api/(.*)'] };
