import assert from 'node:assert/strict';

import type { OpenStackCloudOptions } from '../../../../fixtures/openstack-cloud/ground.ts';
import { SharedListing } from '../../../../shared/cloud/shared-listing.ts';
import { CloudFacts } from '../../../../shared/drivers/openstack/facts.ts';
import { Quotas } from '../../../../shared/drivers/openstack/quotas.ts';
import { serverListing } from '../../../../shared/drivers/openstack/server-list.ts';
import { labelOf, providerConfig } from '../../../support/provider-config.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { countOf, never, servicesSubject } from './services.ts';

const config = providerConfig(`
name: cloud
driver: openstack
cloud: memory
cloud-images:
  - {name: image}
pools:
  - name: main
    networks: [private]
    labels:
      - {name: plain, cloud-image: image, flavor-name: small}
      - {name: volume, cloud-image: image, flavor-name: small, boot-from-volume: true, volume-size: 7}
      - {name: open, cloud-image: image, flavor-name: small, networks: [public, private]}
      - {name: new, cloud-image: image, flavor-name: new}
  - name: inner
    auto-floating-ip: false
    labels:
      - {name: inner, cloud-image: image, flavor-name: small}
`);

async function subject(options: Partial<OpenStackCloudOptions> & { isNovaAlone?: boolean } = {}) {
  const { clock, cloud, session, networking, ...made } = await servicesSubject(options);
  const alone = { ...made.services, volumes: undefined, network: undefined };
  const services = options.isNovaAlone === true ? alone : made.services;
  const { compute, volumes } = services;
  const quotas = new Quotas({
    ...{ session, services, networking, facts: new CloudFacts(services, networking) },
    servers: serverListing({ compute, clock, pollSeconds: 1, onList: () => undefined }),
    volumes:
      volumes &&
      new SharedListing({ clock, pollSeconds: 1, list: (signal) => volumes.volumes(signal) }),
  });
  const wait = <T>(promise: Promise<T>): Promise<T> => settleByTurning(clock, promise);
  return {
    cloud,
    limits: () => wait(quotas.limits(never())),
    instances: () => wait(quotas.instances(never())),
    need: (name: string) => {
      const { label, pool } = labelOf(config, name);
      return wait(quotas.need(label, pool, never()));
    },
  };
}

const SMALL = { instances: 1, cores: 1, ram: 2048 };

describe('what a label needs', () => {
  for (const [label, more] of Object.entries({
    plain: { ports: 1, 'floating-ips': 1 },
    volume: { ports: 1, 'floating-ips': 1, volumes: 1, 'volume-gb': 7 },
    open: { ports: 2 },
    inner: { ports: 1 },
  }))
    it(`is its flavor and what comes with it: ${label}`, async () => {
      assert.deepEqual(await (await subject()).need(label), { ...SMALL, ...more });
    });

  it('is known though its flavor came after the others were listed', async () => {
    const { cloud, need } = await subject();
    await need('plain');
    await assert.rejects(need('new'));
    cloud.compute.flavors.push({ id: 'n', name: 'new', vcpus: 3, ramMib: 512, diskGb: 1 });
    const { cores, ram } = await need('new');
    assert.deepEqual([cores, ram], [3, 512]);
    cloud.calls.length = 0;
    await need('new');
    assert.deepEqual(cloud.calls, []);
  });
});

describe('limits of a project', () => {
  it('are those of all services, without what belongs to no server', async () => {
    const { cloud, limits } = await subject();
    cloud.limits = {
      instances: 9,
      cores: 8,
      ramMib: 700,
      volumes: 5,
      volumeGb: 60,
      floatingIps: 4,
    };
    cloud.plant.volume({ sizeGb: 20 });
    cloud.plant.floatingIp();
    const server = cloud.plant.server({ hasPort: false });
    const id = cloud.plant.volume({ sizeGb: 10, serverId: server });
    cloud.compute.servers.get(server)?.volumes.push({ id, goesWithServer: true });
    assert.deepEqual(await limits(), {
      ...{ instances: 9, cores: 8, ram: 700, volumes: 4, 'volume-gb': 40, 'floating-ips': 3 },
    });
  });

  it('are known without block storage', async () => {
    const { cloud, limits } = await subject({ hasVolumes: false });
    cloud.limits = { instances: 9 };
    assert.deepEqual(await limits(), { instances: 9 });
  });

  it('need no list of servers where nova is all that is shared', async () => {
    const { cloud, limits } = await subject({ isNovaAlone: true });
    cloud.limits = { instances: 9 };
    assert.deepEqual([await limits(), await limits()], [{ instances: 9 }, { instances: 9 }]);
    assert.equal(countOf(cloud, 'GET servers/detail'), 0);
  });
});

describe('servers of a project', () => {
  it('are listed with what they take, foreign ones too', async () => {
    const { cloud, instances } = await subject();
    const id = cloud.plant.server({ metadata: { a: 'b' } });
    assert.deepEqual(await instances(), [
      { externalId: id, metadata: { a: 'b' }, resources: { ...SMALL, ports: 1 } },
    ]);
    assert.equal(countOf(cloud, 'GET volumes/detail'), 0);
  });
});
