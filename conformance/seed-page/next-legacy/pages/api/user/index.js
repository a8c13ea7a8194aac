import { clerkClient } from '@clerk/nextjs';
import { getAuth } from '@clerk/nextjs/server';
import { answerRefusals } from '../../../lib/refusals';

async function handler(req, res) {
  const { userId } = getAuth(req);
  if (!userId) {
    return res.status(401).json({ error: 'unauthorized' });
  }
  const user = await clerkClient.users.getUser(userId);
  const primary = user.emailAddresses.find(({ id }) => id === user.primaryEmailAddressId);
  res.status(200).json({
    id: user.id,
    emailAddress: primary?.emailAddress ?? null,
    publicMetadata: user.publicMetadata,
  });
}

export default answerRefusals(handler);
