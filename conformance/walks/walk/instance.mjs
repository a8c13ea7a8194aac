// The instance: settings, redirect URLs, who may sign up.
import assert from 'node:assert/strict';
import { isId, isRecent, populated, refused } from '../lib/assertions.mjs';

export function instanceWalk(checks, world) {
  const { sdk, api, frontend } = world;
  const { redirectUrls, allowlistIdentifiers, blocklistIdentifiers, instance } = api;
  const plain = (resource) => JSON.parse(JSON.stringify(resource));

  /** Whether somebody may sign up: the first error code, or null. */
  const signUp = async (emailAddress) => {
    const answer = await frontend.call(world.browser(), 'POST', '/client/sign_ups', { email_address: emailAddress, password: world.password() });
    return answer.json().errors?.[0]?.code ?? null;
  };
  /** What browsers are told about the instance. */
  const environment = async () => (await (await fetch(`${frontend.base}/v1/environment`)).json());

  checks.add('redirect URLs: made, listed, read, deleted', ['redirectUrls.createRedirectUrl', 'redirectUrls.getRedirectUrlList', 'redirectUrls.getRedirectUrl', 'redirectUrls.deleteRedirectUrl'], async () => {
    const url = `https://${world.word()}.example/callback`;
    const made = await redirectUrls.createRedirectUrl({ url });
    populated(made, { type: 'RedirectUrl' });
    assert.match(made.id, /^\w+_[0-9A-Za-z]{27}$/);
    assert.equal(made.url, url);
    isRecent(made.createdAt);
    assert.deepEqual(plain(await redirectUrls.getRedirectUrl(made.id)), plain(made));
    const { data, total } = sdk.rows(await redirectUrls.getRedirectUrlList());
    assert.deepEqual(plain(data.find(({ id }) => id === made.id)), plain(made));
    if (total !== null) assert.equal(total, data.length);
    await refused(sdk, redirectUrls.createRedirectUrl({ url }), 422, 'duplicate_record', 'url');
    const deleted = await redirectUrls.deleteRedirectUrl(made.id);
    assert.deepEqual([deleted.id, deleted.deleted], [made.id, true]);
    await refused(sdk, redirectUrls.getRedirectUrl(made.id), 404, 'resource_not_found');
    assert.equal(sdk.rows(await redirectUrls.getRedirectUrlList()).data.some(({ id }) => id === made.id), false);
  });

  checks.add('redirect URLs: a handshake obeys them', ['redirectUrls.createRedirectUrl', 'redirectUrls.deleteRedirectUrl'], async () => {
    const url = `https://${world.word()}.example/back`;
    const handshake = async () => {
      const address = new URL(`${frontend.base}/v1/client/handshake`);
      address.searchParams.set('redirect_url', url);
      return (await fetch(address, { redirect: 'manual' })).status;
    };
    assert.ok((await handshake()) >= 400, 'a stranger at first');
    const made = await redirectUrls.createRedirectUrl({ url });
    assert.equal(await handshake(), 307);
    await redirectUrls.deleteRedirectUrl(made.id);
    assert.ok((await handshake()) >= 400, 'a stranger again');
  });

  checks.add('allow list: made, listed, deleted', ['allowlistIdentifiers.createAllowlistIdentifier', 'allowlistIdentifiers.getAllowlistIdentifierList', 'allowlistIdentifiers.deleteAllowlistIdentifier'], async () => {
    const identifier = world.email();
    const made = await allowlistIdentifiers.createAllowlistIdentifier({ identifier, notify: false });
    populated(made, { type: 'AllowlistIdentifier', except: ['instanceId', 'invitationId'] });
    isId(made.id, 'alid');
    assert.equal(made.identifier, identifier);
    if (sdk.major >= 1) assert.equal(made.identifierType, 'email_address');
    isRecent(made.createdAt);
    const { data, total } = sdk.rows(await allowlistIdentifiers.getAllowlistIdentifierList());
    assert.deepEqual(plain(data.find(({ id }) => id === made.id)), plain(made));
    if (total !== null) assert.equal(total, data.length);
    await refused(sdk, allowlistIdentifiers.createAllowlistIdentifier({ identifier, notify: false }), 422, 'duplicate_record', 'identifier');
    const deleted = await allowlistIdentifiers.deleteAllowlistIdentifier(made.id);
    assert.deepEqual([deleted.id, deleted.deleted], [made.id, true]);
    assert.equal(sdk.rows(await allowlistIdentifiers.getAllowlistIdentifierList()).data.some(({ id }) => id === made.id), false);
  });

  checks.add('block list: made, listed, deleted', ['blocklistIdentifiers.createBlocklistIdentifier', 'blocklistIdentifiers.getBlocklistIdentifierList', 'blocklistIdentifiers.deleteBlocklistIdentifier'], async () => {
    const identifier = `*@${world.word()}.example`;
    const made = await blocklistIdentifiers.createBlocklistIdentifier({ identifier });
    populated(made, { type: 'BlocklistIdentifier', except: ['instanceId'] });
    isId(made.id, 'blid');
    assert.deepEqual([made.identifier, made.identifierType], [identifier, 'email_address']);
    const { data, total } = sdk.rows(await blocklistIdentifiers.getBlocklistIdentifierList());
    assert.deepEqual(plain(data.find(({ id }) => id === made.id)), plain(made));
    assert.equal(total, data.length);
    const deleted = await blocklistIdentifiers.deleteBlocklistIdentifier(made.id);
    assert.deepEqual([deleted.id, deleted.deleted], [made.id, true]);
  });

  checks.add('restrictions: the lists decide who may sign up', ['instance.updateRestrictions', 'allowlistIdentifiers.createAllowlistIdentifier', 'blocklistIdentifiers.createBlocklistIdentifier'], async () => {
    const [friend, stranger, foe] = [world.email(), world.email(), world.email()];
    const allowed = await allowlistIdentifiers.createAllowlistIdentifier({ identifier: friend, notify: false });
    const blocked = await blocklistIdentifiers.createBlocklistIdentifier({ identifier: foe });
    try {
      const strict = await instance.updateRestrictions({ allowlist: true, blocklist: true });
      populated(strict, { type: 'InstanceRestrictions' });
      assert.deepEqual([strict.allowlist, strict.blocklist], [true, true]);
      assert.equal(await signUp(friend), null);
      assert.notEqual(await signUp(stranger), null);
      assert.notEqual(await signUp(foe), null);
    } finally {
      const open = await instance.updateRestrictions({ allowlist: false, blocklist: false });
      assert.deepEqual([open.allowlist, open.blocklist], [false, false]);
      await allowlistIdentifiers.deleteAllowlistIdentifier(allowed.id);
      await blocklistIdentifiers.deleteBlocklistIdentifier(blocked.id);
    }
    assert.equal(await signUp(stranger), null);
    assert.equal(await signUp(foe), null);
  });

  checks.add('restrictions: subaddresses can be refused', ['instance.updateRestrictions'], async () => {
    const strict = await instance.updateRestrictions({ blockEmailSubaddresses: true });
    try {
      assert.equal(strict.blockEmailSubaddresses, true);
      assert.notEqual(await signUp(`${world.word()}+tag@example.com`), null);
    } finally {
      const open = await instance.updateRestrictions({ blockEmailSubaddresses: false });
      assert.equal(open.blockEmailSubaddresses, false);
    }
    assert.equal(await signUp(`${world.word()}+tag@example.com`), null);
  });

  checks.add('instance: settings are read and changed', ['instance.get', 'instance.update'], async () => {
    const before = await instance.get();
    populated(before, { type: 'Instance' });
    assert.deepEqual([before.id, before.environmentType], [world.instance.id, 'development']);
    const allowedOrigins = [`https://${world.word()}.example`];
    await instance.update({ allowedOrigins });
    assert.deepEqual((await instance.get()).allowedOrigins, allowedOrigins);
  });

  checks.add('instance: what browsers see follows', ['instance.update'], async () => {
    const supportEmail = `help-${world.word()}@example.com`;
    // Without a body; 1.x makes an empty text of that.
    assert.ok([undefined, ''].includes(await instance.update({ supportEmail })));
    assert.equal((await environment()).display_config.support_email, supportEmail);
    await instance.update({ testMode: false });
    assert.equal((await environment()).auth_config.test_mode ?? false, false);
    await instance.update({ testMode: true });
  });
}
