// E-mail addresses: each change is read back through the address and through its person.
import assert from 'node:assert/strict';
import { isId, populated, refused } from '../lib/assertions.mjs';

export function emailAddressesWalk(checks, world) {
  const { sdk, api } = world;
  const { emailAddresses, users } = api;
  const plain = (resource) => JSON.parse(JSON.stringify(resource));

  checks.add('email addresses: one is added, verified or not', ['emailAddresses.createEmailAddress', 'emailAddresses.getEmailAddress'], async () => {
    const { user } = await world.person();
    const emailAddress = world.email();
    const added = await emailAddresses.createEmailAddress({ userId: user.id, emailAddress });
    populated(added, { type: 'EmailAddress' });
    isId(added.id, 'idn');
    assert.equal(added.emailAddress, emailAddress);
    assert.notEqual(added.verification?.status, 'verified', 'not verified unless said so');
    assert.deepEqual(plain(await emailAddresses.getEmailAddress(added.id)), plain(added));

    const verified = await emailAddresses.createEmailAddress({ userId: user.id, emailAddress: world.email(), verified: true });
    assert.equal(verified.verification.status, 'verified');
    const read = await users.getUser(user.id);
    assert.deepEqual(read.emailAddresses.map(({ id }) => id).sort(), [user.primaryEmailAddressId, added.id, verified.id].sort());
    assert.equal(read.primaryEmailAddressId, user.primaryEmailAddressId, 'the primary one stays');
  });

  checks.add('email addresses: a new one becomes primary', ['emailAddresses.createEmailAddress'], async () => {
    const { user } = await world.person();
    const added = await emailAddresses.createEmailAddress({ userId: user.id, emailAddress: world.email(), verified: true, primary: true });
    assert.equal((await users.getUser(user.id)).primaryEmailAddressId, added.id);
  });

  checks.add('email addresses: verified and made primary later', ['emailAddresses.updateEmailAddress'], async () => {
    const { user, password } = await world.person();
    const added = await emailAddresses.createEmailAddress({ userId: user.id, emailAddress: world.email() });
    const changed = await emailAddresses.updateEmailAddress(added.id, { verified: true });
    populated(changed, { type: 'EmailAddress' });
    assert.equal(changed.verification.status, 'verified');
    assert.equal((await emailAddresses.getEmailAddress(added.id)).verification.status, 'verified');
    await emailAddresses.updateEmailAddress(added.id, { primary: true });
    assert.equal((await users.getUser(user.id)).primaryEmailAddressId, added.id);
    assert.equal((await world.signIn(added.emailAddress, password)).status, 'complete');
  });

  checks.add('email addresses: updateUser moves the primary one', ['emailAddresses.createEmailAddress', 'users.updateUser'], async () => {
    const { user } = await world.person();
    const added = await emailAddresses.createEmailAddress({ userId: user.id, emailAddress: world.email(), verified: true });
    const changed = await users.updateUser(user.id, { primaryEmailAddressID: added.id });
    assert.equal(changed.primaryEmailAddressId, added.id);
  });

  checks.add('email addresses: a deleted one is gone and free', ['emailAddresses.deleteEmailAddress'], async () => {
    const { user } = await world.person();
    const added = await emailAddresses.createEmailAddress({ userId: user.id, emailAddress: world.email(), verified: true });
    const deleted = await emailAddresses.deleteEmailAddress(added.id);
    populated(deleted, { type: 'DeletedObject', except: ['slug'] });
    assert.deepEqual([deleted.id, deleted.deleted], [added.id, true]);
    await refused(sdk, emailAddresses.getEmailAddress(added.id), 404, 'resource_not_found');
    assert.deepEqual((await users.getUser(user.id)).emailAddresses.map(({ id }) => id), [user.primaryEmailAddressId]);
    await world.person({ emailAddress: [added.emailAddress] });
  });

  checks.add('email addresses: refusals', ['emailAddresses.createEmailAddress', 'emailAddresses.getEmailAddress'], async () => {
    const { user } = await world.person();
    const { emailAddress: taken } = await world.person();
    await refused(sdk, emailAddresses.createEmailAddress({ userId: user.id, emailAddress: taken, verified: true }), 422, 'form_identifier_exists', 'email_address');
    await refused(sdk, emailAddresses.createEmailAddress({ userId: user.id, emailAddress: 'no address' }), 422, 'form_param_format_invalid', 'email_address');
    await refused(sdk, emailAddresses.createEmailAddress({ userId: 'user_2nZ0000000000000000000000ab', emailAddress: world.email() }), 404, 'resource_not_found');
    await refused(sdk, emailAddresses.getEmailAddress('idn_2nZ0000000000000000000000ab'), 404, 'resource_not_found');
  });
}
