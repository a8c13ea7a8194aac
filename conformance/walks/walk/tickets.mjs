// Sign-in tokens, which somebody redeems in a browser, and testing tokens.
import assert from 'node:assert/strict';
import { isRecent, populated, refused } from '../lib/assertions.mjs';

export function ticketsWalk(checks, world) {
  const { sdk, api } = world;
  const { signInTokens, testingTokens } = api;

  checks.add('sign-in tokens: one is made and redeemed once', ['signInTokens.createSignInToken'], async () => {
    const { user } = await world.person();
    const made = await signInTokens.createSignInToken({ userId: user.id, expiresInSeconds: 600 });
    populated(made, { type: 'SignInToken' });
    assert.match(made.id, /^sit_|^sign_in_token_|^\w+_[0-9A-Za-z]{27}$/);
    assert.deepEqual([made.userId, made.status], [user.id, 'pending']);
    assert.ok(made.token.length > 20);
    if (made.url !== null) assert.ok(new URL(made.url).href.includes(encodeURIComponent(made.token)), 'the address carries the ticket');
    isRecent(made.createdAt);
    assert.deepEqual(await world.redeem(made.token), { status: 'complete', code: null, userId: user.id });
    assert.notEqual((await world.redeem(made.token)).status, 'complete', 'once');
  });

  checks.add('sign-in tokens: a revoked one opens nothing', ['signInTokens.revokeSignInToken'], async () => {
    const { user } = await world.person();
    const made = await signInTokens.createSignInToken({ userId: user.id, expiresInSeconds: 600 });
    const revoked = await signInTokens.revokeSignInToken(made.id);
    assert.deepEqual([revoked.id, revoked.userId, revoked.status], [made.id, user.id, 'revoked']);
    assert.notEqual((await world.redeem(made.token)).status, 'complete');
    await refused(sdk, signInTokens.revokeSignInToken(made.id), 400, 'sign_in_token_cannot_be_revoked_code');
    await refused(sdk, signInTokens.createSignInToken({ userId: 'user_2nZ0000000000000000000000ab', expiresInSeconds: 60 }), 404, 'resource_not_found');
  });

  checks.add('testing tokens: one is made', ['testingTokens.createTestingToken'], async () => {
    const made = await testingTokens.createTestingToken();
    assert.equal(made.object, 'testing_token');
    assert.ok(made.token.length > 10);
    const expires = made.expires_at ?? made.expiresAt;
    assert.ok(expires > Date.now() / 1000, `${expires}`);
  });
}
