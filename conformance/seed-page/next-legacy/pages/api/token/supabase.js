import { getAuth } from '@clerk/nextjs/server';
import { answerRefusals } from '../../../lib/refusals';

async function handler(req, res) {
  const { getToken } = getAuth(req);
  res.status(200).json({ token: await getToken({ template: 'supabase' }) });
}

export default answerRefusals(handler);
