import { getAuth } from '@clerk/nextjs/server';

export default function handler(req, res) {
  const { userId } = getAuth(req);
  res.status(200).json({ userId, isSignedIn: Boolean(userId) });
}
