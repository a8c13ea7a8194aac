// Sessions, their tokens, and the clients that hold them.
import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { isId, isInstant, isRecent, populated, refused } from '../lib/assertions.mjs';

const UNKNOWN = 'sess_2nZ0000000000000000000000ab';

export function sessionsWalk(checks, world) {
  const { sdk, api, frontend } = world;
  const { sessions, clients, jwtTemplates } = api;
  // A session made by the Backend has neither an organization nor an activity.
  const whole = (session) => populated(session, { type: 'Session', except: ['lastActiveOrganizationId', 'latestActivity'] });
  const plain = (resource) => JSON.parse(JSON.stringify(resource));

  /** Somebody who signed up in a browser; gives ids, and the browser. */
  const visitor = async () => {
    const browser = world.browser();
    return { browser, ...(await frontend.signUp(browser)) };
  };

  checks.add('sessions: one is made and read back', ['sessions.createSession', 'sessions.getSession'], async () => {
    const { user } = await world.person();
    const made = await sessions.createSession({ userId: user.id });
    whole(made);
    isId(made.id, 'sess');
    isId(made.clientId, 'client');
    assert.deepEqual([made.userId, made.status, made.actor ?? null], [user.id, 'active', null]);
    isRecent(made.createdAt);
    isRecent(made.lastActiveAt);
    assert.ok(made.expireAt > Date.now() + 86_400_000);
    isInstant(made.abandonAt);
    assert.deepEqual(plain(await sessions.getSession(made.id)), plain(made));
    await refused(sdk, sessions.createSession({ userId: 'user_2nZ0000000000000000000000ab' }), 404, 'resource_not_found');
    await refused(sdk, sessions.getSession(UNKNOWN), 404, 'resource_not_found');
  });

  checks.add('sessions: listed by person, client and status', ['sessions.getSessionList', 'sessions.revokeSession'], async () => {
    const someone = await visitor();
    const second = await world.session(someone.userId);
    const rows = async (query) => sdk.rows(await sessions.getSessionList(query));
    const idsOf = async (query) => (await rows(query)).data.map(({ id }) => id);
    const all = await rows({ userId: someone.userId });
    assert.deepEqual(all.data.map(({ id }) => id).sort(), [someone.sessionId, second.id].sort());
    if (all.total !== null) assert.equal(all.total, 2);
    for (const session of all.data) whole(session);
    assert.deepEqual(await idsOf({ clientId: second.clientId }), [second.id]);
    const revoked = await sessions.revokeSession(second.id);
    assert.equal(revoked.status, 'revoked');
    assert.deepEqual(await idsOf({ userId: someone.userId, status: 'revoked' }), [second.id]);
    assert.deepEqual(await idsOf({ userId: someone.userId, status: 'active' }), [someone.sessionId]);
    if (sdk.major >= 1) {
      const page = await rows({ userId: someone.userId, limit: 1 });
      assert.deepEqual([page.data.length, page.total], [1, 2]);
      assert.equal((await rows({ userId: someone.userId, limit: 1, offset: 2 })).data.length, 0);
    }
  });

  checks.add('sessions: a revoked one gives no token', ['sessions.revokeSession', 'sessions.getToken'], async () => {
    const { user } = await world.person();
    const session = await world.session(user.id);
    const revoked = await sessions.revokeSession(session.id);
    whole(revoked);
    assert.deepEqual([revoked.id, revoked.status], [session.id, 'revoked']);
    assert.equal((await sessions.getSession(session.id)).status, 'revoked');
    const error = await sessions.getToken(session.id, '').catch((reason) => reason);
    assert.ok(sdk.isApiError(error));
    assert.ok(error.status >= 400 && error.status < 500, `${error.status}`);
    await refused(sdk, sessions.revokeSession(UNKNOWN), 404, 'resource_not_found');
  });

  checks.add('sessions: a browser\'s session says what it did last', ['sessions.getSession'], async () => {
    const { sessionId, userId } = await visitor();
    const session = await sessions.getSession(sessionId);
    whole(session);
    assert.equal(session.userId, userId);
    isRecent(session.lastActiveAt);
  });

  checks.add('sessions: refreshed with the right token alone', ['sessions.refreshSession'], async () => {
    const { user } = await world.person();
    const session = await world.session(user.id);
    const expired_token = await world.backend.mint(session.id);
    const given = { expired_token, refresh_token: 'nonsense', request_origin: 'http://localhost:3000' };
    const error = await sessions.refreshSession(session.id, given).catch((reason) => reason);
    assert.ok(sdk.isApiError(error), String(error));
    assert.ok([400, 401, 404, 422].includes(error.status), `${error.status}`);
  });

  // Later API versions have lost it; SDKs still ask.
  checks.add('sessions: verified with a token', ['sessions.verifySession'], async () => {
    const { user } = await world.person();
    const session = await world.session(user.id);
    const token = await world.backend.mint(session.id, { version: null });
    const verified = await sessions.verifySession(session.id, token);
    whole(verified);
    assert.deepEqual([verified.id, verified.userId, verified.status], [session.id, user.id, 'active']);
    const other = await world.session(user.id);
    const error = await sessions.verifySession(other.id, token).catch((reason) => reason);
    assert.ok(sdk.isApiError(error) && error.status >= 400 && error.status < 500, `${error}`);
  });

  checks.add('sign-ups: read while they go on, and given an id of ours', ['signUps.get', 'signUps.update'], async () => {
    const browser = world.browser();
    const emailAddress = world.email();
    const { response } = await frontend.ask(browser, 'POST', '/client/sign_ups', { email_address: emailAddress, password: world.password() });
    const signUp = await api.signUps.get(response.id);
    assert.deepEqual([signUp.id, signUp.status, signUp.emailAddress], [response.id, 'missing_requirements', emailAddress]);
    const externalId = world.word();
    assert.equal((await api.signUps.update({ signUpAttemptId: response.id, externalId })).id, response.id);
    const path = `/client/sign_ups/${response.id}`;
    await frontend.ask(browser, 'POST', `${path}/prepare_verification`, { strategy: 'email_code' });
    const done = await frontend.ask(browser, 'POST', `${path}/attempt_verification`, { strategy: 'email_code', code: '424242' });
    assert.equal((await api.users.getUser(done.response.created_user_id)).externalId, externalId);
    await refused(sdk, api.signUps.get('sua_2nZ0000000000000000000000ab'), 404, 'resource_not_found');
  });

  checks.add('tokens: one is minted and verified by the SDK itself', ['sessions.getToken'], async () => {
    const { user } = await world.person();
    const session = await world.session(user.id);
    const jwt = sdk.jwt(await sessions.getToken(session.id, ''));
    const claims = await verified(jwt);
    assert.deepEqual([claims.sub, claims.sid, claims.iss], [user.id, session.id, world.instance.issuer]);
    assert.equal(claims.exp - claims.iat, 60);
    // Newer SDKs name a version whose tokens are of the second kind; the oldest names none.
    assert.equal(claims.v, sdk.major >= 1 ? 2 : undefined);
    if (sdk.major >= 3) {
      const long = await verified(sdk.jwt(await sessions.getToken(session.id, undefined, 600)));
      assert.equal(long.exp - long.iat, 600);
    }
    const tampered = `${jwt.slice(0, -6)}${jwt.slice(-6) === 'AAAAAA' ? 'BBBBBB' : 'AAAAAA'}`;
    await assert.rejects(verified(tampered), (error) => /signature/i.test(`${error.reason} ${error.message}`));
    await refused(sdk, sessions.getToken(UNKNOWN, ''), 404, 'resource_not_found');
  });

  checks.add('tokens: of a template', ['sessions.getToken'], async () => {
    const { user } = await world.person({ publicMetadata: { plan: 'pro' } });
    const session = await world.session(user.id);
    const name = `walk-${world.word()}`;
    await world.backend.ask('POST', '/v1/jwt_templates', {
      name,
      claims: { plan: '{{user.public_metadata.plan}}', mail: '{{user.primary_email_address}}', fixed: [1, { a: null }] },
      lifetime: 90,
    });
    const claims = await verified(sdk.jwt(await sessions.getToken(session.id, name)));
    assert.deepEqual([claims.sub, claims.plan, claims.mail, claims.fixed], [user.id, 'pro', user.emailAddresses[0].emailAddress, [1, { a: null }]]);
    assert.equal(claims.exp - claims.iat, 90);
    await refused(sdk, sessions.getToken(session.id, 'no-such-template'), 404, 'resource_not_found');
  });

  checks.add('tokens: authenticateRequest takes them, and no others', ['sessions.getToken'], async () => {
    const { user } = await world.person();
    const session = await world.session(user.id);
    const jwt = sdk.jwt(await sessions.getToken(session.id, ''));
    const state = await authenticate(jwt);
    assert.equal(state.status, 'signed-in', `${state.reason} ${state.message}`);
    const auth = state.toAuth();
    assert.deepEqual([auth.userId, auth.sessionId], [user.id, session.id]);
    assert.equal(auth.sessionClaims.sub, user.id);
    const again = await auth.getToken();
    assert.equal((await verified(again)).sid, session.id);
    const stranger = await world.backend.mint(session.id);
    assert.equal((await authenticate(`${stranger.slice(0, -6)}AAAAAA`)).status === 'signed-in', false);
  });

  checks.add('tokens: an instance\'s public key verifies without asking', ['sessions.getToken'], async () => {
    const { user } = await world.person();
    const session = await world.session(user.id);
    const jwt = sdk.jwt(await sessions.getToken(session.id, ''));
    const { keys } = await (await fetch(`${frontend.base}/.well-known/jwks.json`)).json();
    const pem = createPublicKey({ key: keys[0], format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const claims = await sdk.module.verifyToken(jwt, { jwtKey: pem, issuer: world.instance.issuer });
    assert.equal(claims.sub, user.id);
  });

  checks.add('key set: the same with the secret key and in public', ['jwks.getJwks'], async () => {
    const { keys } = await api.jwks.getJwks();
    assert.ok(keys.length >= 1);
    for (const key of keys) assert.deepEqual([key.kty, key.alg, key.use, typeof key.kid, typeof key.n, key.e], ['RSA', 'RS256', 'sig', 'string', 'string', 'AQAB']);
    const open = await (await fetch(`${frontend.base}/.well-known/jwks.json`)).json();
    assert.deepEqual(open.keys, keys);
  });

  checks.add('clients: a browser\'s client is read, with its sessions', ['clients.getClient'], async () => {
    const { sessionId, userId } = await visitor();
    const { clientId } = await sessions.getSession(sessionId);
    const client = await clients.getClient(clientId);
    populated(client, { type: 'Client' });
    isId(client.id, 'client');
    assert.deepEqual([client.id, client.sessionIds, client.lastActiveSessionId], [clientId, [sessionId], sessionId]);
    assert.deepEqual([client.sessions.length, client.sessions[0].userId, client.sessions[0].id], [1, userId, sessionId]);
    whole(client.sessions[0]);
    isRecent(client.createdAt);
    await refused(sdk, clients.getClient('client_2nZ0000000000000000000000ab'), 404, 'resource_not_found');
  });

  checks.add('clients: all are listed', ['clients.getClientList'], async () => {
    const { sessionId } = await visitor();
    const { clientId } = await sessions.getSession(sessionId);
    const { data, total } = sdk.rows(await clients.getClientList(sdk.major >= 1 ? { limit: 100 } : undefined));
    for (const client of data) populated(client, { type: 'Client' });
    const found = data.find(({ id }) => id === clientId);
    assert.deepEqual(found?.sessionIds, [sessionId], `${clientId} is among ${data.length}`);
    if (total !== null) assert.ok(total >= data.length);
  });

  checks.add('clients: a browser\'s own token is verified', ['clients.verifyClient'], async () => {
    const { browser, sessionId } = await visitor();
    const { clientId } = await sessions.getSession(sessionId);
    const token = (await browser.cookies(`${frontend.base}/v1/client`)).get('__client');
    const client = await clients.verifyClient(token);
    populated(client, { type: 'Client' });
    assert.deepEqual([client.id, client.lastActiveSessionId], [clientId, sessionId]);
    const error = await clients.verifyClient('nonsense').catch((reason) => reason);
    assert.ok(sdk.isApiError(error) && error.status >= 400 && error.status < 500, `${error}`);
  });

  checks.add('clients: what a handshake set aside is fetched once', ['clients.getHandshakePayload'], async () => {
    const { browser } = await visitor();
    const url = new URL(`${frontend.base}/v1/client/handshake`);
    url.searchParams.set('redirect_url', 'http://localhost:3000/');
    url.searchParams.set('format', 'nonce');
    const answer = await browser.get(url.href);
    assert.equal(answer.status, 307);
    const nonce = new URL(answer.headers.location).searchParams.get('__clerk_handshake_nonce');
    const { directives } = await clients.getHandshakePayload({ nonce });
    assert.ok(directives.some((line) => line.startsWith('__session=')), JSON.stringify(directives).slice(0, 200));
    assert.ok(directives.some((line) => line.startsWith('__client_uat=')));
  });

  checks.add('templates: made, listed, changed, deleted', ['jwtTemplates.create', 'jwtTemplates.list', 'jwtTemplates.get', 'jwtTemplates.update', 'jwtTemplates.delete'], async () => {
    const name = `walk-${world.word()}`;
    const made = await jwtTemplates.create({ name, claims: { a: { b: [1] } }, lifetime: 120, allowedClockSkew: 3 });
    populated(made, { type: 'JwtTemplate' });
    isId(made.id, 'jtmp');
    assert.deepEqual([made.name, made.claims, made.lifetime, made.allowedClockSkew], [name, { a: { b: [1] } }, 120, 3]);
    assert.deepEqual([made.customSigningKey, made.signingAlgorithm], [false, 'RS256']);
    isRecent(made.createdAt);
    assert.deepEqual(plain(await jwtTemplates.get(made.id)), plain(made));
    const { data, total } = sdk.rows(await jwtTemplates.list());
    assert.deepEqual(plain(data.find(({ id }) => id === made.id)), plain(made));
    assert.equal(total, data.length);

    const changed = await jwtTemplates.update({ templateId: made.id, name: `${name}-2`, claims: { c: 1 }, lifetime: 60 });
    assert.deepEqual([changed.id, changed.name, changed.claims, changed.lifetime], [made.id, `${name}-2`, { c: 1 }, 60]);
    assert.deepEqual(plain(await jwtTemplates.get(made.id)), plain(changed));
    await refused(sdk, jwtTemplates.create({ name: `${name}-2`, claims: {} }), 422, 'form_identifier_exists', 'name');

    const deleted = await jwtTemplates.delete(made.id);
    assert.deepEqual([deleted.id, deleted.deleted], [made.id, true]);
    await refused(sdk, jwtTemplates.get(made.id), 404, 'resource_not_found');
  });

  function verified(jwt) {
    const { secretKey } = world.backend;
    // 0.x fetches the keys from an issuer that is a string; later majors want a string.
    const issuer = sdk.major === 0 ? (iss) => iss === world.instance.issuer : world.instance.issuer;
    return sdk.module
      .verifyToken(jwt, { secretKey, apiUrl: world.relay.url, issuer, skipJwksCache: true })
      .then((result) => result?.data ?? result);
  }

  function authenticate(jwt) {
    const { secretKey } = world.backend;
    const { publishable_key: publishableKey } = world.instance;
    if (sdk.major === 0) {
      const options = { secretKey, publishableKey, apiUrl: world.relay.url, headerToken: jwt, headers: new Headers(), isSatellite: false };
      return sdk.client.authenticateRequest(options);
    }
    const request = new Request('http://localhost:3000/api', { headers: { authorization: `Bearer ${jwt}` } });
    return sdk.client.authenticateRequest(request, { publishableKey });
  }
}
