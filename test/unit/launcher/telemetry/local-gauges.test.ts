import assert from 'node:assert/strict';

import { limitGauges, queueGauges } from '../../../../launcher/telemetry/local-gauges.ts';
import { parseConfig } from '../../../../shared/config/load.ts';
import { statsdKey } from '../../../../shared/telemetry/metric.ts';
import { StoreWorld } from '../../../support/fake-store.ts';

const CONFIG = `
zookeeper-servers: [{host: zk}]
tenant-resource-limits:
- {tenant-name: acme.org, max-cores: 8, max-volumes: 3, L-1216C47A: 5}
- {tenant-name: none}
labels: [{name: small}]
providers:
- {name: bound.example, driver: fake, cloud: x, cloud-images: [{name: i}], pools: [
   {name: a, max-servers: 3, labels: [{name: small, cloud-image: i, min-ram: 1}]},
   {name: b, max-servers: 4, labels: []},
   {name: off, max-servers: 0, labels: []}]}
- {name: free, driver: fake, cloud: x, cloud-images: [], pools: [
   {name: a, max-servers: 3, labels: []}, {name: b, labels: []}]}
- {name: empty, driver: fake, cloud: x, cloud-images: [], pools: []}
`;

describe('the gauges of a launcher about itself', () => {
  it('tell the limits of the configuration as the original does', () => {
    const { config } = parseConfig({ path: 'main.yaml', environment: {}, texts: [CONFIG] });
    const found = limitGauges(config).map((one) => [statsdKey(one.metric, one.labels), one.value]);
    assert.deepEqual(Object.fromEntries(found), {
      'nodepool.provider.bound.example.max_servers': 7,
      'nodepool.provider.free.max_servers': Infinity,
      'nodepool.tenant_limits.acme_org.cores': 8,
      'nodepool.tenant_limits.acme_org.instances': Infinity,
      'nodepool.tenant_limits.acme_org.ram': Infinity,
      'nodepool.tenant_limits.acme_org.volumes': 3,
      'nodepool.tenant_limits.acme_org.L-1216C47A': 5,
      'nodepool.tenant_limits.none.cores': Infinity,
      'nodepool.tenant_limits.none.instances': Infinity,
      'nodepool.tenant_limits.none.ram': Infinity,
    });
  });

  it('tell what its caches wait for, under the original’s names', async () => {
    const { store, client } = await StoreWorld.start();
    const values = (): Record<string, number> =>
      Object.fromEntries(
        queueGauges(store, 'host.example').map((one): [string, number] => [
          statsdKey(one.metric, one.labels) ?? '',
          one.value,
        ]),
      );
    const zk = 'nodepool.launcher.host.example.zk';
    assert.deepEqual(values(), {
      [`${zk}.client.connection_queue`]: 0,
      [`${zk}.node_cache.event_queue`]: 0,
      [`${zk}.node_cache.playback_queue`]: 0,
      [`${zk}.request_cache.event_queue`]: 0,
      [`${zk}.request_cache.playback_queue`]: 0,
      [`${zk}.image_cache.event_queue`]: 0,
      [`${zk}.image_cache.playback_queue`]: 0,
    });
    const seen: number[] = [];
    const key = `${zk}.node_cache.playback_queue`;
    for (const path of ['/nodepool/nodes/1', '/nodepool/nodes/2']) await client.create(path);
    for (let i = 0; i < 20; i++) {
      seen.push(values()[key] ?? 0);
      await Promise.resolve();
    }
    assert.ok(Math.max(...seen) > 0, 'a znode that has come is being read');
  });
});
