import { getAuth } from '@clerk/nextjs/server';

export default function handler(req, res) {
  const { userId } = getAuth(req);
  if (!userId) {
    return res.status(401).json({ error: 'unauthorized' });
  }
  res.status(200).json({ userId });
}
