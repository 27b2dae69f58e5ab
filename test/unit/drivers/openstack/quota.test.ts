import assert from 'node:assert/strict';
import fc from 'fast-check';

import type { Server } from '../../../../shared/drivers/openstack/client/compute.ts';
import type { Volume } from '../../../../shared/drivers/openstack/client/volumes.ts';
import {
  limitsFor,
  serverQuota,
  type CloudLimits,
} from '../../../../shared/drivers/openstack/quota.ts';

const server = (changes: Partial<Server> = {}): Server => ({
  id: 's',
  status: 'ACTIVE',
  metadata: {},
  'os-extended-volumes:volumes_attached': [],
  ...changes,
});
const volume = (id: string, size: number): Volume => ({
  ...{ id, size, status: 'in-use', metadata: {}, attachments: [] },
});
const VOLUMES = new Map([volume('v1', 10), volume('v2', 30)].map((one) => [one.id, one]));
const FLAVORS = [{ id: 'f', name: 'small', ram: 2048, vcpus: 2 }];

const fixed = (addr: string, mac: string) => ({
  ...{ addr, version: 4, 'OS-EXT-IPS:type': 'fixed', 'OS-EXT-IPS-MAC:mac_addr': mac },
});

describe('what a server takes', () => {
  const flavor = { vcpus: 4, ram: 8192 };

  it('is what it says of its flavor', () => {
    assert.deepEqual(serverQuota(server({ flavor }), [], VOLUMES), {
      instances: 1,
      cores: 4,
      ram: 8192,
    });
  });

  it('is what its flavor has where nova shows only its id', () => {
    assert.deepEqual(serverQuota(server({ flavor: { id: 'f' } }), FLAVORS, VOLUMES), {
      instances: 1,
      cores: 2,
      ram: 2048,
    });
  });

  it('is an instance at least, where its flavor is gone or unknown', () => {
    assert.deepEqual(serverQuota(server({ flavor: { id: 'x' } }), FLAVORS, VOLUMES), {
      instances: 1,
    });
    assert.deepEqual(serverQuota(server(), FLAVORS, VOLUMES), { instances: 1 });
  });

  it('includes its volumes, as far as they are known', () => {
    const attached = ['v1', 'v2', 'unknown'].map((id) => ({ id }));
    const found = serverQuota(
      server({ 'os-extended-volumes:volumes_attached': attached }),
      FLAVORS,
      VOLUMES,
    );
    assert.deepEqual(found, { instances: 1, volumes: 2, 'volume-gb': 40 });
  });

  it('includes its ports and floating addresses', () => {
    const addresses = {
      a: [fixed('10.0.0.1', 'm1'), { ...fixed('8.8.4.4', 'm1'), 'OS-EXT-IPS:type': 'floating' }],
      b: [fixed('10.1.0.1', 'm2')],
    };
    const found = serverQuota(server({ addresses }), FLAVORS, VOLUMES);
    assert.deepEqual(found, { instances: 1, ports: 2, 'floating-ips': 1 });
  });
});

const NONE: CloudLimits = { compute: {}, volume: undefined, network: undefined };
const compute = { maxTotalInstances: 10, maxTotalCores: 20, maxTotalRAMSize: 51_200 };

describe('limits for servers', () => {
  it('are none where no service tells', () => {
    assert.deepEqual(limitsFor(NONE, { volumes: 3 }), {});
  });

  it("are nova's own, whatever servers use: the launcher subtracts that", () => {
    assert.deepEqual(limitsFor({ ...NONE, compute }, { instances: 9, cores: 19, ram: 1 }), {
      instances: 10,
      cores: 20,
      ram: 51_200,
    });
  });

  it('leave out what a service does not limit: -1', () => {
    const unlimited = { limit: -1, used: 5, reserved: 0 };
    const limits = {
      compute: { maxTotalInstances: 10, maxTotalCores: -1, maxTotalRAMSize: -1 },
      volume: {
        ...{ maxTotalVolumes: -1, maxTotalVolumeGigabytes: -1 },
        ...{ totalVolumesUsed: 5, totalGigabytesUsed: 5 },
      },
      network: { port: unlimited, floatingip: unlimited },
    };
    assert.deepEqual(limitsFor(limits, {}), { instances: 10 });
  });

  it('keep a limit of 0', () => {
    assert.deepEqual(limitsFor({ ...NONE, compute: { maxTotalInstances: 0 } }, {}), {
      instances: 0,
    });
  });

  it('are less by what belongs to no server', () => {
    const volume = {
      ...{ maxTotalVolumes: 10, maxTotalVolumeGigabytes: 100 },
      ...{ totalVolumesUsed: 6, totalGigabytesUsed: 70 },
    };
    const network = {
      port: { limit: 50, used: 12, reserved: 0 },
      floatingip: { limit: 5, used: 4, reserved: 0 },
    };
    const used = { volumes: 4, 'volume-gb': 40, ports: 10, 'floating-ips': 1 };
    assert.deepEqual(limitsFor({ compute: {}, volume, network }, used), {
      volumes: 8,
      'volume-gb': 70,
      ports: 48,
      'floating-ips': 2,
    });
  });

  it('are never less than nothing, nor more than the cloud allows', () => {
    fc.assert(
      fc.property(fc.nat(99), fc.nat(200), fc.nat(200), (limit, used, ofServers) => {
        const network = { port: { limit, used, reserved: 0 } };
        const { ports } = limitsFor({ ...NONE, network }, { ports: ofServers });
        assert.ok(ports !== undefined && ports >= 0 && ports <= limit, String(ports));
        if (used <= ofServers) assert.equal(ports, limit);
        // What the launcher counts as left is what the cloud has left.
        else if (used <= limit) assert.equal(ports - ofServers, limit - used);
      }),
    );
  });
});
