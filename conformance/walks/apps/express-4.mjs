#!/usr/bin/env node
// An application on Express with the unmodified @clerk/clerk-sdk-node of the 4.x line, for callers with a token in
// the header: that line has no handshake. Settings come from the environment, as the SDK reads them.
import { createRequire } from 'node:module';
import express from 'express';

const { ClerkExpressRequireAuth, ClerkExpressWithAuth, clerkClient } = createRequire(import.meta.url)('@clerk/clerk-sdk-node');
const app = express();

app.get('/api/state', ClerkExpressWithAuth(), (req, res) => {
  const { userId } = req.auth;
  res.json({ userId: userId ?? null, isSignedIn: Boolean(userId) });
});

app.get('/api/token/supabase', ClerkExpressWithAuth(), async (req, res) => {
  res.json({ token: await req.auth.getToken({ template: 'supabase' }) });
});

app.get('/api/protected', ClerkExpressRequireAuth(), (req, res) => {
  res.json({ userId: req.auth.userId });
});

app.get('/api/user', ClerkExpressRequireAuth(), async (req, res) => {
  const user = await clerkClient.users.getUser(req.auth.userId);
  res.json({ id: user.id, emailAddress: user.emailAddresses[0].emailAddress });
});

app.use((error, req, res, next) => {
  res.status(401).json({ error: 'unauthorized' });
});

app.listen(Number(process.env.PORT), 'localhost');
