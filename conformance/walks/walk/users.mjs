// People: made, read back, found, changed, banned, locked, deleted.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { isId, isInstant, isRecent, populated, refused } from '../lib/assertions.mjs';

/** A whole picture of four grey dots. */
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAADklEQVR4nGNoAAMGCAUAKg4GARWeQtcAAAAASUVORK5CYII=', 'base64');
/** Base32, as authenticator apps take it. */
const TOTP_SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

export function usersWalk(checks, world) {
  const { sdk, api } = world;
  const { users } = api;
  /** Members that a newer SDK fills from what only newer servers send. */
  const isOptional = sdk.major === 0 ? ['gender', 'birthday'] : ['_raw', 'timezone'];
  const whole = (user) => populated(user, { type: 'User', except: isOptional });
  const plain = (resource) => JSON.parse(JSON.stringify(resource));

  checks.add('users: what is given at creation is read back, whole', ['users.createUser', 'users.getUser'], async () => {
    const word = world.word();
    const createdAt = new Date('2023-04-05T06:07:08.900Z');
    const given = {
      externalId: `ext-${word}`,
      emailAddress: [world.email(word)],
      password: world.password(),
      firstName: 'Ada',
      lastName: 'Byron',
      publicMetadata: { plan: 'pro', nested: { list: [1, { two: null }], flag: false } },
      privateMetadata: { note: 'ünïcödé' },
      unsafeMetadata: { theme: 'dark' },
      createdAt,
    };
    const made = await users.createUser(given);
    whole(made);
    isId(made.id, 'user');
    assert.equal(made.externalId, given.externalId);
    assert.deepEqual([made.firstName, made.lastName, made.username], ['Ada', 'Byron', null]);
    assert.deepEqual(made.publicMetadata, given.publicMetadata);
    assert.deepEqual(made.privateMetadata, given.privateMetadata);
    assert.deepEqual(made.unsafeMetadata, given.unsafeMetadata);
    assert.equal(made.createdAt, createdAt.getTime());
    isRecent(made.updatedAt, 'updatedAt');
    assert.deepEqual(
      [made.passwordEnabled, made.totpEnabled, made.backupCodeEnabled, made.twoFactorEnabled, made.banned, made.hasImage],
      [true, false, false, false, false, false],
    );
    assert.equal(made.lastSignInAt, null);
    assert.match(made.imageUrl, /^https?:\/\//);
    assert.deepEqual([made.phoneNumbers, made.web3Wallets, made.externalAccounts], [[], [], []]);
    assert.deepEqual([made.primaryPhoneNumberId, made.primaryWeb3WalletId], [null, null]);

    assert.equal(made.emailAddresses.length, 1);
    const [address] = made.emailAddresses;
    populated(address, { type: 'EmailAddress' });
    isId(address.id, 'idn');
    assert.equal(address.emailAddress, given.emailAddress[0]);
    assert.equal(made.primaryEmailAddressId, address.id);
    assert.equal(address.verification.status, 'verified');
    assert.deepEqual(address.linkedTo, []);

    const read = await users.getUser(made.id);
    assert.deepEqual(plain(read), plain(made));
    assert.equal(read.constructor, made.constructor);
  });

  checks.add('users: a person can be nothing but an id', ['users.createUser', 'users.getUser'], async () => {
    const made = await users.createUser({ emailAddress: [world.email()], skipPasswordRequirement: true });
    assert.equal(made.passwordEnabled, false);
    assert.deepEqual([made.firstName, made.lastName, made.externalId], [null, null, null]);
    assert.deepEqual([made.publicMetadata, made.privateMetadata, made.unsafeMetadata], [{}, {}, {}]);
    isRecent(made.createdAt, 'createdAt');
    assert.equal((await users.getUser(made.id)).passwordEnabled, false);
  });

  if (sdk.major >= 1) {
    checks.add('users: what newer SDKs know about a person', ['users.createUser'], async () => {
      const { user } = await world.person({ firstName: 'Grace', lastName: 'Hopper', deleteSelfEnabled: false, createOrganizationEnabled: false, createOrganizationsLimit: 3 });
      assert.equal(user.fullName, 'Grace Hopper');
      assert.equal(user.primaryEmailAddress, user.emailAddresses[0]);
      assert.deepEqual([user.primaryPhoneNumber, user.primaryWeb3Wallet], [null, null]);
      assert.deepEqual([user.deleteSelfEnabled, user.createOrganizationEnabled, user.createOrganizationsLimit], [false, false, 3]);
      assert.deepEqual([user.locked, user.lastActiveAt, user.legalAcceptedAt], [false, null, null]);
      if (sdk.major >= 3) assert.deepEqual([user.locale, user.enterpriseAccounts], [null, []]);
      assert.equal(user.raw.object, 'user');
      assert.equal(user.raw.id, user.id);
    });

    checks.add('users: legal consent and locale are kept', ['users.createUser'], async () => {
      const legalAcceptedAt = new Date('2024-01-02T03:04:05.000Z');
      const { user } = await world.person({ legalAcceptedAt, ...(sdk.major >= 3 && { locale: 'de-CH' }) });
      const read = await users.getUser(user.id);
      assert.equal(read.legalAcceptedAt, legalAcceptedAt.getTime());
      if (sdk.major >= 3) assert.equal(read.locale, 'de-CH');
    });
  }

  checks.add('users: a digest made elsewhere lets its owner in', ['users.createUser'], async () => {
    // The bcrypt digest of "correct horse battery", cost 4.
    const emailAddress = world.email();
    const passwordDigest = '$2b$04$uHIe6ffNgea1pr.nRgyF7.r1kqMuAccmMpOtvLfE1lj6BG0Cib1BK';
    const user = await users.createUser({ emailAddress: [emailAddress], passwordDigest, passwordHasher: 'bcrypt' });
    assert.equal(user.passwordEnabled, true);
    assert.equal((await world.signIn(emailAddress, 'correct horse battery')).status, 'complete');
    assert.equal((await world.signIn(emailAddress, 'incorrect horse battery')).code, 'form_password_incorrect');
  });

  checks.add('users: refusals at creation name the parameter', ['users.createUser'], async () => {
    const { emailAddress } = await world.person();
    const password = world.password();
    await refused(sdk, users.createUser({ emailAddress: [emailAddress], password }), 422, 'form_identifier_exists', 'email_address');
    await refused(sdk, users.createUser({ emailAddress: ['no address'], password }), 422, 'form_param_format_invalid', 'email_address');
    await refused(sdk, users.createUser({ emailAddress: [world.email()], password: 'short' }), 422, 'form_password_length_too_short', 'password');
    const externalId = world.word();
    await world.person({ externalId });
    await refused(sdk, world.person({ externalId }), 422, 'form_identifier_exists', 'external_id');
  });

  checks.add('users: an unknown id is 404 wherever it is asked', ['users.getUser', 'users.updateUser', 'users.deleteUser'], async () => {
    for (const id of ['user_2nZ0000000000000000000000ab', 'nonsense']) {
      await refused(sdk, users.getUser(id), 404, 'resource_not_found');
      await refused(sdk, users.updateUser(id, { firstName: 'x' }), 404, 'resource_not_found');
      await refused(sdk, users.deleteUser(id), 404, 'resource_not_found');
    }
  });

  checks.add('users: a wrong secret key is refused', ['users.getUserList'], async () => {
    for (const key of ['sk_test_nothing', 'sk_live_0000000000000000000000000000000000000000']) {
      const error = await refused(sdk, sdk.withSecret(key).users.getUserList(), 401, 'clerk_key_invalid');
      assert.ok(!JSON.stringify(error).includes(key), 'the key is not repeated');
    }
  });

  checks.add('users: lists are filtered, ordered, paged and counted', ['users.getUserList', 'users.getCount'], async () => {
    const word = world.word();
    const people = [];
    for (const [index, firstName] of ['Carol', 'Alice', 'Bob', 'Dave', 'Eve'].entries()) {
      const createdAt = new Date(Date.UTC(2022, 0, index + 1));
      people.push((await world.person({ firstName, lastName: word, externalId: `${word}-${index}`, createdAt })).user);
    }
    const ids = people.map(({ id }) => id);
    const ask = async (query) => sdk.rows(await users.getUserList(query));
    const idsOf = async (query) => (await ask(query)).data.map(({ id }) => id);

    const all = await ask({ query: word, limit: 50 });
    assert.deepEqual(all.data.map(({ id }) => id), [...ids].reverse(), 'newest first');
    if (all.total !== null) assert.equal(all.total, 5);
    for (const user of all.data) whole(user);
    assert.deepEqual(plain(all.data[0]), plain(await users.getUser(all.data[0].id)));

    assert.deepEqual(await idsOf({ query: word, orderBy: '+created_at' }), ids);
    assert.deepEqual(await idsOf({ query: word, orderBy: 'created_at' }), ids);
    assert.deepEqual(await idsOf({ query: word, orderBy: '-created_at' }), [...ids].reverse());
    assert.deepEqual(await idsOf({ query: word, orderBy: '+created_at', limit: 2 }), ids.slice(0, 2));
    const page = await ask({ query: word, orderBy: '+created_at', limit: 2, offset: 2 });
    assert.deepEqual(page.data.map(({ id }) => id), ids.slice(2, 4));
    if (page.total !== null) assert.equal(page.total, 5, 'the total is that of the filter, not of the page');
    assert.deepEqual(await idsOf({ query: word, limit: 2, offset: 40 }), []);

    assert.deepEqual(await idsOf({ userId: [ids[1], ids[3]], orderBy: '+created_at' }), [ids[1], ids[3]]);
    assert.deepEqual(await idsOf({ externalId: [`${word}-2`, `${word}-4`], orderBy: '+created_at' }), [ids[2], ids[4]]);
    const addresses = [people[0], people[1]].map((user) => user.emailAddresses[0].emailAddress);
    assert.deepEqual(await idsOf({ emailAddress: addresses, orderBy: '+created_at' }), ids.slice(0, 2));
    assert.deepEqual(await idsOf({ emailAddress: [`nobody.${word}@example.com`] }), []);
    assert.deepEqual(await idsOf({ query: ids[2] }), [ids[2]], 'a query finds ids');
    assert.deepEqual(await idsOf({ query: 'no such person anywhere' }), []);
    if (sdk.major >= 1) {
      assert.deepEqual(await idsOf({ query: word, orderBy: '+first_name' }), [1, 2, 0, 3, 4].map((index) => ids[index]));
      assert.deepEqual(await idsOf({ query: word, orderBy: '-first_name' }), [4, 3, 0, 2, 1].map((index) => ids[index]));
    }
    if (sdk.major >= 3) {
      const [third] = people.slice(2, 3);
      assert.deepEqual(await idsOf({ query: word, createdAtAfter: third.createdAt, orderBy: '+created_at' }), ids.slice(3));
      assert.deepEqual(await idsOf({ query: word, createdAtBefore: third.createdAt, orderBy: '+created_at' }), ids.slice(0, 2));
    }

    assert.equal(await users.getCount({ query: word }), 5);
    assert.equal(await users.getCount({ userId: ids.slice(0, 3) }), 3);
    assert.equal(await users.getCount({ emailAddress: addresses }), 2);
    assert.equal(await users.getCount({ query: 'no such person anywhere' }), 0);
    const everybody = await users.getCount();
    assert.ok(everybody >= 5);
    const { data } = await ask({ limit: 500 });
    assert.equal(data.length, Math.min(everybody, 500));
  });

  checks.add('users: lists know who was here', ['users.getUserList'], async () => {
    const word = world.word();
    const { user, emailAddress, password } = await world.person({ lastName: word });
    const { user: other } = await world.person({ lastName: word });
    const { status } = await world.signIn(emailAddress, password);
    assert.equal(status, 'complete');
    const read = await users.getUser(user.id);
    isRecent(read.lastSignInAt, 'lastSignInAt');
    assert.equal((await users.getUser(other.id)).lastSignInAt, null);
    if (sdk.major >= 1) isInstant(read.lastActiveAt, 'lastActiveAt');
    const idsOf = async (query) => sdk.rows(await users.getUserList({ query: word, ...query })).data.map(({ id }) => id);
    if (sdk.major >= 1) {
      assert.deepEqual(await idsOf({ last_active_at_since: Date.now() - 86_400_000 }), [user.id]);
      assert.deepEqual(await idsOf({ orderBy: '-last_sign_in_at' }), [user.id, other.id]);
    }
    if (sdk.major >= 3) {
      assert.deepEqual(await idsOf({ lastSignInAtAfter: read.lastSignInAt - 1000 }), [user.id]);
      assert.deepEqual(await idsOf({ lastSignInAtBefore: read.lastSignInAt - 1000 }), []);
      assert.deepEqual(await idsOf({ lastActiveAtAfter: read.lastActiveAt - 60_000 }), [user.id]);
      assert.deepEqual(await idsOf({ lastActiveAtBefore: read.lastActiveAt - 86_400_000 }), []);
    }
  });

  checks.add('users: bad paging is refused', ['users.getUserList'], async () => {
    await refused(sdk, users.getUserList({ limit: 501 }), 422, 'form_param_value_invalid');
    await refused(sdk, users.getUserList({ limit: -1 }), 422, 'form_param_value_invalid');
    await refused(sdk, users.getUserList({ orderBy: 'password' }), 422, 'form_param_value_invalid');
  });

  checks.add('users: what is changed is read back, and the rest is kept', ['users.updateUser'], async () => {
    const { user } = await world.person({ firstName: 'Ada', lastName: 'Byron', externalId: world.word(), publicMetadata: { keep: 1 } });
    const externalId = world.word();
    const createdAt = new Date('2021-02-03T04:05:06.007Z');
    const changed = await users.updateUser(user.id, { firstName: 'Augusta', externalId, createdAt, createOrganizationEnabled: false });
    whole(changed);
    assert.deepEqual([changed.firstName, changed.lastName, changed.externalId], ['Augusta', 'Byron', externalId]);
    assert.deepEqual([changed.createdAt, changed.createOrganizationEnabled], [createdAt.getTime(), false]);
    assert.deepEqual(changed.publicMetadata, { keep: 1 });
    assert.ok(changed.updatedAt >= user.updatedAt);
    assert.deepEqual(plain(await users.getUser(user.id)), plain(changed));
    const cleared = await users.updateUser(user.id, { lastName: '' });
    assert.ok([null, ''].includes(cleared.lastName));
    if (sdk.major >= 1) {
      const limited = await users.updateUser(user.id, { deleteSelfEnabled: false, createOrganizationsLimit: 7 });
      assert.deepEqual([limited.deleteSelfEnabled, limited.createOrganizationsLimit], [false, 7]);
    }
    await refused(sdk, users.updateUser((await world.person()).user.id, { externalId }), 422, 'form_identifier_exists', 'external_id');
  });

  checks.add('users: a changed password is the one that counts', ['users.updateUser'], async () => {
    const { user, emailAddress, password } = await world.person();
    const before = await world.signIn(emailAddress, password);
    const fresh = world.password();
    const changed = await users.updateUser(user.id, { password: fresh, signOutOfOtherSessions: true });
    assert.equal(changed.passwordEnabled, true);
    assert.equal((await world.signIn(emailAddress, password)).code, 'form_password_incorrect');
    assert.equal((await world.signIn(emailAddress, fresh)).status, 'complete');
    const session = await api.sessions.getSession(before.sessionId);
    assert.notEqual(session.status, 'active', 'the session of before has ended');
    await refused(sdk, users.updateUser(user.id, { password: 'short' }), 422, 'form_password_length_too_short', 'password');
  });

  checks.add('users: updateUser replaces metadata', ['users.updateUser'], async () => {
    const { user } = await world.person({ publicMetadata: { old: 1, both: 1 }, privateMetadata: { kept: true } });
    const changed = await users.updateUser(user.id, { firstName: 'Mary', publicMetadata: { both: 2 } });
    assert.equal(changed.firstName, 'Mary');
    const read = await users.getUser(user.id);
    assert.deepEqual(read.publicMetadata, { both: 2 });
    assert.deepEqual([read.firstName, read.privateMetadata], ['Mary', { kept: true }]);
    assert.deepEqual(changed.publicMetadata, { both: 2 });
  });

  checks.add('users: updateUserMetadata merges deeply, and null removes', ['users.updateUserMetadata'], async () => {
    const { user } = await world.person({ publicMetadata: { a: { b: 1, c: 2 }, list: [1, 2], gone: 'x' }, unsafeMetadata: { u: 1 } });
    const changed = await users.updateUserMetadata(user.id, {
      publicMetadata: { a: { c: 3, d: { e: 4 } }, list: [3], gone: null },
      privateMetadata: { p: 'q' },
    });
    whole(changed);
    const wanted = { a: { b: 1, c: 3, d: { e: 4 } }, list: [3] };
    assert.deepEqual([changed.publicMetadata, changed.privateMetadata, changed.unsafeMetadata], [wanted, { p: 'q' }, { u: 1 }]);
    const read = await users.getUser(user.id);
    assert.deepEqual([read.publicMetadata, read.privateMetadata, read.unsafeMetadata], [wanted, { p: 'q' }, { u: 1 }]);
    const camel = await users.updateUserMetadata(user.id, { publicMetadata: { camelCase: { snake_case: 1 } } });
    assert.deepEqual(camel.publicMetadata.camelCase, { snake_case: 1 }, 'names inside are left alone');
    await refused(sdk, users.updateUserMetadata(user.id, { publicMetadata: { big: 'x'.repeat(9000) } }), 422, 'form_param_exceeds_allowed_size', 'public_metadata');
  });

  checks.add('users: replaceUserMetadata replaces what is named', ['users.replaceUserMetadata'], async () => {
    const { user } = await world.person({ publicMetadata: { a: 1 }, privateMetadata: { b: 2 } });
    const changed = await users.replaceUserMetadata(user.id, { publicMetadata: { c: 3 } });
    assert.deepEqual([changed.publicMetadata, changed.privateMetadata], [{ c: 3 }, { b: 2 }]);
    assert.deepEqual((await users.getUser(user.id)).publicMetadata, { c: 3 });
  });

  checks.add('users: a banned person is out, and in again when unbanned', ['users.banUser', 'users.unbanUser'], async () => {
    const { user, emailAddress, password } = await world.person();
    const session = await world.session(user.id);
    const banned = await users.banUser(user.id);
    whole(banned);
    assert.equal(banned.banned, true);
    assert.equal((await users.getUser(user.id)).banned, true);
    assert.equal((await world.signIn(emailAddress, password)).code, 'user_banned');
    assert.notEqual((await api.sessions.getSession(session.id)).status, 'active');
    assert.equal((await users.banUser(user.id)).banned, true, 'twice is no error');
    assert.equal((await users.unbanUser(user.id)).banned, false);
    assert.equal((await users.getUser(user.id)).banned, false);
    assert.equal((await world.signIn(emailAddress, password)).status, 'complete');
    await refused(sdk, users.banUser('user_2nZ0000000000000000000000ab'), 404, 'resource_not_found');
  });

  checks.add('users: a locked person waits, and is in again when unlocked', ['users.lockUser', 'users.unlockUser'], async () => {
    const { user, emailAddress, password } = await world.person();
    const locked = await users.lockUser(user.id);
    whole(locked);
    assert.equal(locked.locked, true);
    assert.equal((await users.getUser(user.id)).locked, true);
    assert.equal((await world.signIn(emailAddress, password)).code, 'user_locked');
    assert.equal((await users.unlockUser(user.id)).locked, false);
    assert.equal((await world.signIn(emailAddress, password)).status, 'complete');
  });

  checks.add('users: verifyPassword knows the right one', ['users.verifyPassword'], async () => {
    const { user, password } = await world.person();
    assert.deepEqual(await users.verifyPassword({ userId: user.id, password }), { verified: true });
    await refused(sdk, users.verifyPassword({ userId: user.id, password: 'not this one' }), 422, 'incorrect_password');
    const without = await users.createUser({ emailAddress: [world.email()], skipPasswordRequirement: true });
    await refused(sdk, users.verifyPassword({ userId: without.id, password }), 400, 'no_password_set');
  });

  checks.add('users: removePassword leaves no way in by password', ['users.removePassword'], async () => {
    const { user, emailAddress, password } = await world.person();
    const changed = await users.removePassword(user.id);
    whole(changed);
    assert.equal(changed.passwordEnabled, false);
    assert.equal((await users.getUser(user.id)).passwordEnabled, false);
    assert.notEqual((await world.signIn(emailAddress, password)).status, 'complete');
  });

  checks.add('users: a compromised password must be changed', ['users.setPasswordCompromised', 'users.unsetPasswordCompromised'], async () => {
    const { user, emailAddress, password } = await world.person();
    const set = await users.setPasswordCompromised(user.id);
    whole(set);
    assert.notEqual((await world.signIn(emailAddress, password)).status, 'complete');
    whole(await users.unsetPasswordCompromised(user.id));
    assert.equal((await world.signIn(emailAddress, password)).status, 'complete');
  });

  checks.add('users: TOTP given at creation is verified', ['users.verifyTOTP'], async () => {
    const { user } = await world.person({ totpSecret: TOTP_SECRET });
    assert.deepEqual([user.totpEnabled, user.twoFactorEnabled], [true, true]);
    assert.deepEqual(await users.verifyTOTP({ userId: user.id, code: totp() }), { verified: true, code_type: 'totp' });
    await refused(sdk, users.verifyTOTP({ userId: user.id, code: '000000' }), 422, 'totp_incorrect_code');
  });

  checks.add('users: disableUserMFA takes all second factors', ['users.disableUserMFA'], async () => {
    const { user } = await world.person({ totpSecret: TOTP_SECRET, backupCodes: ['abcd1234', 'efgh5678'] });
    assert.deepEqual([user.totpEnabled, user.backupCodeEnabled, user.twoFactorEnabled], [true, true, true]);
    const answer = await users.disableUserMFA(user.id);
    assert.equal(answer.user_id ?? answer.id ?? answer.userId, user.id);
    const read = await users.getUser(user.id);
    assert.deepEqual([read.totpEnabled, read.backupCodeEnabled, read.twoFactorEnabled], [false, false, false]);
  });

  checks.add('users: TOTP and backup codes are deleted', ['users.deleteUserTOTP', 'users.deleteUserBackupCodes'], async () => {
    const { user } = await world.person({ totpSecret: TOTP_SECRET, backupCodes: ['abcd1234', 'efgh5678'] });
    await users.deleteUserBackupCodes(user.id);
    assert.equal((await users.getUser(user.id)).backupCodeEnabled, false);
    await users.deleteUserTOTP(user.id);
    assert.equal((await users.getUser(user.id)).totpEnabled, false);
  });

  checks.add('users: a picture is uploaded and shown', ['users.updateUserProfileImage'], async () => {
    const { user } = await world.person();
    const changed = await users.updateUserProfileImage(user.id, { file: new Blob([PNG], { type: 'image/png' }) });
    whole(changed);
    assert.equal(changed.hasImage, true);
    const read = await users.getUser(user.id);
    assert.deepEqual([read.hasImage, read.imageUrl], [true, changed.imageUrl]);
    const shown = await fetch(read.imageUrl);
    assert.deepEqual([shown.status, shown.headers.get('content-type')?.split('/')[0]], [200, 'image']);
  });

  checks.add('users: a picture is taken away', ['users.deleteUserProfileImage'], async () => {
    const { user } = await world.person();
    await users.updateUserProfileImage(user.id, { file: new Blob([PNG], { type: 'image/png' }) });
    const changed = await users.deleteUserProfileImage(user.id);
    assert.equal(changed.hasImage, false);
    assert.equal((await users.getUser(user.id)).hasImage, false);
  });

  checks.add('users: the e-mail address is replaced at once', ['users.replaceUserEmailAddress'], async () => {
    const { user, emailAddress, password } = await world.person();
    const fresh = world.email();
    const address = await users.replaceUserEmailAddress(user.id, { emailAddress: fresh });
    populated(address, { type: 'EmailAddress' });
    assert.deepEqual([address.emailAddress, address.verification.status], [fresh, 'verified']);
    const read = await users.getUser(user.id);
    assert.deepEqual([read.emailAddresses.map(({ id }) => id), read.primaryEmailAddressId], [[address.id], address.id]);
    assert.equal((await world.signIn(fresh, password)).status, 'complete');
    assert.equal((await world.signIn(emailAddress, password)).code, 'form_identifier_not_found');
  });

  checks.add('users: a deleted person is gone', ['users.deleteUser'], async () => {
    const { user, emailAddress, password } = await world.person();
    const deleted = await users.deleteUser(user.id);
    populated(deleted, { type: 'DeletedObject', except: ['slug'] });
    assert.deepEqual([deleted.object, deleted.id, deleted.deleted], ['user', user.id, true]);
    await refused(sdk, users.getUser(user.id), 404, 'resource_not_found');
    assert.deepEqual(sdk.rows(await users.getUserList({ userId: [user.id] })).data, []);
    assert.equal((await world.signIn(emailAddress, password)).code, 'form_identifier_not_found');
    await world.person({ emailAddress: [emailAddress] });
  });
}

/** The code of this half minute (RFC 6238). */
function totp() {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...TOTP_SECRET].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const digest = createHmac('sha1', key).update(counter).digest();
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}
