import assert from 'node:assert/strict';

import type { LeakableResource, Provider } from '../../../../shared/drivers/driver.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { countOf, never } from './services.ts';
import { openStackSubject, SECTION } from './subject.ts';

const TAGS = { nodepool_node_id: '0000000007', nodepool_provider_name: 'openstack-provider' };
const GONE = '11111111-2222-4333-8444-555555555555';

async function subject(changes = '') {
  const { clock, cloud, connect } = openStackSubject({}, changes + SECTION);
  const provider: Provider = await settleByTurning(clock, connect());
  const { leaks } = provider;
  assert.ok(leaks);
  cloud.calls.length = 0;
  return {
    ...{ clock, cloud },
    list: () => settleByTurning(clock, leaks.list(never())),
    remove: (one: LeakableResource) => settleByTurning(clock, leaks.delete(one, never())),
  };
}

const named = (kind: string, id: string): LeakableResource => ({ kind, id, metadata: {} });
const ids = (all: readonly LeakableResource[], kind: string): string[] =>
  all.filter((one) => one.kind === kind).map(({ id }) => id);

describe('what may be left behind', () => {
  it('are servers with the tags that they have, whosever they are', async () => {
    const { cloud, list } = await subject();
    const metadata = { ...TAGS, nodepool_provider_name: 'openstack-provider-2' };
    const [ours, theirs, foreign] = [TAGS, metadata, {}].map((one) =>
      cloud.plant.server({ metadata: one }),
    );
    const found = await list();
    assert.deepEqual(
      found.map(({ id, externalId, metadata: tags }) => [id, externalId, tags]),
      [
        [ours, ours, TAGS],
        [theirs, theirs, metadata],
        [foreign, foreign, {}],
      ].toReversed(),
    );
  });

  it('are volumes of a node that no server has', async () => {
    const { cloud, list } = await subject();
    const left = cloud.plant.volume({ metadata: TAGS });
    cloud.plant.volume({ metadata: { nodepool_provider_name: 'openstack-provider' } });
    cloud.plant.volume({ name: 'np0000000007' });
    cloud.plant.volume({ metadata: TAGS, serverId: cloud.plant.server() });
    assert.deepEqual(ids(await list(), 'volumes'), [left]);
  });

  it('are floating IPs whose description says so, and no others', async () => {
    const { cloud, list } = await subject();
    const left = cloud.plant.floatingIp({ description: JSON.stringify(TAGS) });
    for (const description of [
      '',
      'np0000000007',
      '{"nodepool_provider_name": "openstack-provider"}',
    ])
      cloud.plant.floatingIp({ description });
    const found = (await list()).filter(({ kind }) => kind === 'floatingips');
    assert.deepEqual(found, [{ kind: 'floatingips', id: left, metadata: TAGS }]);
  });

  it('are floating IPs of anybody with clean-floating-ips, where they lead nowhere', async () => {
    const { cloud, list } = await subject('clean-floating-ips: true');
    const idle = cloud.plant.floatingIp();
    const port = cloud.plant.port({ device_id: GONE, device_owner: 'compute:az1' });
    cloud.plant.floatingIp({ port });
    const found = (await list()).filter(({ kind }) => kind === 'floatingips');
    const metadata = {
      nodepool_provider_name: 'openstack-provider',
      nodepool_node_id: 'nobody',
    };
    assert.deepEqual(found, [{ kind: 'floatingips', id: idle, metadata }]);
  });

  it('is deleted, each kind in its way', async () => {
    const { cloud, remove } = await subject();
    const server = cloud.plant.server({ metadata: TAGS });
    const volume = cloud.plant.volume({ metadata: TAGS });
    const floatingIp = cloud.plant.floatingIp({ description: JSON.stringify(TAGS) });
    const [otherVolume, otherIp] = [cloud.plant.volume(), cloud.plant.floatingIp()];
    const otherServer = cloud.plant.server();
    await remove(named('instances', server));
    await remove(named('volumes', volume));
    await remove(named('floatingips', floatingIp));
    assert.deepEqual(
      cloud.compute.servers.all().map(({ id }) => id),
      [otherServer],
    );
    assert.deepEqual(
      cloud.volumes.volumes.all().map(({ id }) => id),
      [otherVolume],
    );
    assert.deepEqual(
      cloud.network.floatingIps.all().map(({ id }) => id),
      [otherIp],
    );
  });
});

describe('ports that are left behind', () => {
  it('are those of nova whose server is gone, down in two looks', async () => {
    const { clock, cloud, list } = await subject();
    const left = cloud.plant.port({ device_id: GONE, device_owner: 'compute:az1' });
    const ownerless = cloud.plant.port({ device_id: GONE, device_owner: '' });
    assert.deepEqual(ids(await list(), 'ports'), []);
    assert.deepEqual(ids(await list(), 'ports'), []);
    assert.equal(countOf(cloud, 'GET ports'), 1);
    await clock.advance(600_000);
    const found = (await list()).filter(({ kind }) => kind === 'ports');
    assert.deepEqual(
      found.map(({ id }) => id),
      [left, ownerless],
    );
    assert.deepEqual(found[0]?.metadata, {
      nodepool_provider_name: 'openstack-provider',
      nodepool_node_id: `server ${GONE}`,
    });
  });

  it('are no look-alikes', async () => {
    const { clock, cloud, list } = await subject();
    const server = cloud.plant.server({ hasPort: false });
    cloud.plant.port({ device_id: server, device_owner: 'compute:az1' });
    cloud.plant.port({ name: 'kept for later' });
    cloud.plant.port({ device_id: GONE, device_owner: 'network:router_interface' });
    cloud.plant.port({ device_id: GONE, device_owner: 'baremetal:none' });
    cloud.plant.port({ device_id: 'lbaas-7', device_owner: 'compute:az1' });
    cloud.plant.port({ device_id: GONE, device_owner: 'compute:az1', status: 'ACTIVE' });
    await list();
    await clock.advance(600_000);
    assert.deepEqual(ids(await list(), 'ports'), []);
  });

  it('are none that were down only once, or were down before and up since', async () => {
    const { clock, cloud, list } = await subject();
    const owner = { device_id: GONE, device_owner: 'compute:az1' };
    const port = cloud.network.ports.get(cloud.plant.port(owner));
    assert.ok(port);
    await list();
    await clock.advance(600_000);
    port.status = 'ACTIVE';
    assert.deepEqual(ids(await list(), 'ports'), []);
    port.status = 'DOWN';
    await clock.advance(600_000);
    assert.deepEqual(ids(await list(), 'ports'), []);
  });

  it('are looked at once more before they are deleted', async () => {
    const { cloud, remove } = await subject();
    const server = cloud.plant.server({ hasPort: false });
    const owner = { device_owner: 'compute:az1' };
    const stays = [
      cloud.plant.port({ ...owner, device_id: server }),
      cloud.plant.port({ ...owner, device_id: GONE, status: 'ACTIVE' }),
      cloud.plant.port(),
    ];
    const goes = cloud.plant.port({ ...owner, device_id: GONE });
    for (const id of [...stays, goes, GONE]) await remove(named('ports', id));
    assert.ok(stays.every((id) => cloud.network.ports.get(id)));
    assert.equal(cloud.network.ports.get(goes), undefined);
  });

  it('are not looked for with port-cleanup-interval 0', async () => {
    const { cloud, list } = await subject('port-cleanup-interval: 0');
    await list();
    assert.equal(countOf(cloud, 'GET ports'), 0);
  });
});
