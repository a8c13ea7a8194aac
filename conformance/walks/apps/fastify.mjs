#!/usr/bin/env node
// An application on Fastify with the unmodified @clerk/fastify. Serves the routes of ../../seed-page/README.md.
// Settings come from the environment, as the SDK reads them.
import { clerkClient, clerkPlugin, getAuth } from '@clerk/fastify';
import Fastify from 'fastify';

const app = Fastify();
// The plugin reads its keys from the environment, but not these two.
app.register(clerkPlugin, { apiUrl: process.env.CLERK_API_URL, proxyUrl: process.env.CLERK_PROXY_URL });

app.get('/', (request, reply) => {
  reply.type('text/html').send(`<p id="who">${getAuth(request).userId ?? 'signed out'}</p>`);
});

app.get('/api/state', async (request) => {
  const { userId } = getAuth(request);
  return { userId, isSignedIn: userId !== null };
});

app.get('/api/auth', async (request) => getAuth(request));

app.get('/api/token', async (request) => ({ token: await getAuth(request).getToken() }));

app.get('/api/token/supabase', async (request) => ({ token: await getAuth(request).getToken({ template: 'supabase' }) }));

app.register(async (members) => {
  members.addHook('preHandler', async (request, reply) => {
    if (!getAuth(request).userId) return reply.code(401).send({ error: 'unauthorized' });
  });

  members.get('/api/protected', async (request) => ({ userId: getAuth(request).userId }));

  members.get('/api/user', async (request) => {
    const user = await clerkClient.users.getUser(getAuth(request).userId);
    return { id: user.id, emailAddress: user.primaryEmailAddress?.emailAddress ?? null, publicMetadata: user.publicMetadata };
  });

  members.post('/api/user/metadata', async (request) => {
    const { publicMetadata } = request.body;
    const user = await clerkClient.users.updateUserMetadata(getAuth(request).userId, { publicMetadata });
    return { id: user.id, publicMetadata: user.publicMetadata };
  });
});

// What the Backend API refused, with its status and its first code.
app.setErrorHandler((error, request, reply) => {
  if (!error.status || !error.errors) throw error;
  reply.code(error.status).send({ error: error.errors[0]?.code ?? 'refused' });
});

await app.listen({ port: Number(process.env.PORT), host: 'localhost' });
