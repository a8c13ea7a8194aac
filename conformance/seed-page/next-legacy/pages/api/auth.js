import { getAuth } from '@clerk/nextjs/server';

// JSON leaves out the functions (getToken, has, debug) and nothing else.
export default function handler(req, res) {
  res.status(200).json(getAuth(req));
}
