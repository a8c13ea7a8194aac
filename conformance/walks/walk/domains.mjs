// Domains: the primary one and satellites, as the Backend API manages them. What they do is walked in satellites.mjs.
import assert from 'node:assert/strict';
import { isId, populated, refused } from '../lib/assertions.mjs';

export function domainsWalk(checks, world) {
  const { sdk, api, frontend, backend } = world;
  const { domains } = api;
  const plain = (resource) => JSON.parse(JSON.stringify(resource));
  const name = () => `${world.word()}.test:3001`;

  checks.add('domains: a satellite is added, listed, renamed, deleted', ['domains.list', 'domains.add', 'domains.update', 'domains.deleteDomain'], async () => {
    const wanted = name();
    const made = await domains.add({ name: wanted, is_satellite: true });
    populated(made, { type: 'Domain' });
    isId(made.id, 'dmn');
    assert.deepEqual([made.name, made.isSatellite, made.developmentOrigin], [wanted, true, `http://${wanted}`]);
    const { data, totalCount } = await domains.list();
    assert.equal(totalCount, data.length);
    assert.deepEqual(plain(data.find(({ id }) => id === made.id)), plain(made));
    const [primary, ...more] = data.filter(({ isSatellite }) => !isSatellite);
    assert.deepEqual([more.length, primary.frontendApiUrl], [0, made.frontendApiUrl]);
    await refused(sdk, domains.add({ name: wanted, is_satellite: true }), 422, 'duplicate_record', 'name');
    const other = name();
    assert.equal((await domains.update({ domainId: made.id, name: other })).name, other);
    await refused(sdk, domains.deleteDomain(primary.id), 403, 'primary_domain_deletion_not_allowed');
    const deleted = await domains.deleteDomain(made.id);
    assert.deepEqual([deleted.id, deleted.deleted], [made.id, true]);
    await refused(sdk, domains.update({ domainId: made.id, name: other }), 404, 'resource_not_found');
  });

  checks.add('domains: pages of a satellite may ask, as long as it is one', ['domains.deleteDomain'], async () => {
    const wanted = name();
    const asks = async () => {
      const answer = await fetch(`${frontend.base}/v1/environment`, { headers: { origin: `http://${wanted}` } });
      return answer.status;
    };
    assert.equal(await asks(), 400);
    const made = await backend.ask('POST', '/v1/domains', { name: wanted, is_satellite: true });
    assert.equal(await asks(), 200);
    await domains.deleteDomain(made.id);
    assert.equal(await asks(), 400);
  });
}
