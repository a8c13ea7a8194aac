#!/usr/bin/env node
// An application on Express with the unmodified @clerk/express. Serves the routes of ../../seed-page/README.md, and
// `/members`, which sends strangers to sign in. Settings come from the environment, as the SDK reads them.
import { clerkClient, clerkMiddleware, getAuth, requireAuth } from '@clerk/express';
import express from 'express';

const app = express();
app.use(express.json());
app.use(clerkMiddleware());

app.get('/', (req, res) => {
  res.type('html').send(`<p id="who">${getAuth(req).userId ?? 'signed out'}</p>`);
});

app.get('/api/state', (req, res) => {
  const { userId } = getAuth(req);
  res.json({ userId, isSignedIn: userId !== null });
});

app.get('/api/auth', (req, res) => {
  res.json(getAuth(req));
});

app.get('/api/token', async (req, res) => {
  res.json({ token: await getAuth(req).getToken() });
});

app.get('/api/token/supabase', async (req, res) => {
  res.json({ token: await getAuth(req).getToken({ template: 'supabase' }) });
});

app.get('/members', requireAuth({ signInUrl: '/sign-in' }), (req, res) => {
  res.json({ userId: getAuth(req).userId });
});

const protectedRoutes = express.Router();
protectedRoutes.use((req, res, next) => {
  if (getAuth(req).userId) next();
  else res.status(401).json({ error: 'unauthorized' });
});
protectedRoutes.get('/protected', (req, res) => {
  res.json({ userId: getAuth(req).userId });
});
protectedRoutes.get('/user', async (req, res) => {
  const user = await clerkClient.users.getUser(getAuth(req).userId);
  res.json({ id: user.id, emailAddress: user.primaryEmailAddress?.emailAddress ?? null, publicMetadata: user.publicMetadata });
});
protectedRoutes.post('/user/metadata', async (req, res) => {
  const { publicMetadata } = req.body;
  const user = await clerkClient.users.updateUserMetadata(getAuth(req).userId, { publicMetadata });
  res.json({ id: user.id, publicMetadata: user.publicMetadata });
});
app.use('/api', protectedRoutes);

// What the Backend API refused, with its status and its first code.
app.use((error, req, res, next) => {
  if (!error.status || !error.errors) return next(error);
  res.status(error.status).json({ error: error.errors[0]?.code ?? 'refused' });
});

app.listen(Number(process.env.PORT), 'localhost');
