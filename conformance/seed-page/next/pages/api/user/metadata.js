import { clerkClient, getAuth } from '@clerk/nextjs/server';
import { answerRefusals } from '../../../lib/refusals';

async function handler(req, res) {
  if (req.method !== 'POST') {
    return res.status(405).json({ error: 'method_not_allowed' });
  }
  const { userId } = getAuth(req);
  if (!userId) {
    return res.status(401).json({ error: 'unauthorized' });
  }
  const client = await clerkClient();
  const user = await client.users.updateUserMetadata(userId, {
    publicMetadata: req.body.publicMetadata,
  });
  res.status(200).json({ id: user.id, publicMetadata: user.publicMetadata });
}

export default answerRefusals(handler);
