import { getAuth } from '@clerk/nextjs/server';

export default async function handler(req, res) {
  const { getToken } = getAuth(req);
  res.status(200).json({ token: await getToken() });
}
