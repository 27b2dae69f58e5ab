/**
 * The `azure` driver in a launcher, over HTTPS: each call of the start and of a node's life goes wrong
 * once in each way. The node is there nevertheless, and in the end nothing is left.
 */
import assert from 'node:assert/strict';

import type { Fault } from '../../../fixtures/azure-cloud/faults.ts';
import { AzureSite, PROVIDER } from '../../support/azure-site.ts';
import { liveNode, liveThrough } from '../../support/cloud-life.ts';
import type { Scene } from '../../support/launcher-scene.ts';

/** Each way to go wrong; what hangs is given up soon by the site's driver. */
const WAYS: Readonly<Record<string, Omit<Fault, 'call'>>> = {
  'is refused with 500': { mode: 'fail' },
  'is never answered': { mode: 'hang' },
  'loses its answer': { mode: 'lose' },
  'is told to wait': { mode: 'throttle' },
  'has its token refused': { mode: 'fail', status: 401, code: 'ExpiredAuthenticationToken' },
};

/** Calls of a provider's start but for those that get the token. */
const START = ['GET subnets/*', 'GET skus', 'GET usages', 'GET virtualMachines'];
const SIGN_IN = ['GET openid-configuration', 'POST token'];

/** Those of a node with a public address, from its request to its end. */
const LIFE = [
  'PUT virtualMachines/*',
  'GET virtualMachines',
  'GET networkInterfaces',
  'GET publicIPAddresses',
  'DELETE virtualMachines/*',
  'GET disks',
];

/** Of the look for leaks that a launcher may begin with; azure-leaks.test.ts lets it go wrong. */
const LEAKS = 'GET images';

describe('the azure driver in a launcher', () => {
  let site: AzureSite;
  beforeEach(async () => {
    site = await AzureSite.open();
  });
  afterEach(() => site.close());

  /** Nothing is collected: what a node takes has to go with it. */
  const run = (steps: (scene: Scene) => Promise<void>, retries = 1): Promise<void> =>
    site.play(steps, {
      providers: [site.provider({ provider: { 'launch-retries': retries } })],
      intervals: { cleanup: 3600 },
    });

  const live = async (scene: Scene): Promise<void> => {
    const { compute, network, disks } = site.cloud;
    await liveNode(scene, 'small', (node) => {
      const machines = compute.machines.all().map(({ name }) => name);
      assert.deepEqual(machines, [node.external_id], 'one machine, the reported one');
      const addresses = network.publicIps.all().map(({ address }) => address);
      assert.deepEqual(addresses, [node.public_ipv4], 'one address, the reported one');
      for (const { tags } of [...network.interfaces.all(), ...disks.disks.all()])
        assert.equal(tags.nodepool_provider_name, PROVIDER);
    });
    await site.untilEmpty();
  };

  it('serves a request with exactly the calls that these tests let go wrong', () =>
    run(async (scene) => {
      await live(scene);
      assert.deepEqual(
        [...new Set(site.cloud.calls)].filter((call) => call !== LEAKS).toSorted(),
        [...new Set([...SIGN_IN, ...START, ...LIFE])].toSorted(),
      );
    }));

  for (const [what, way] of Object.entries(WAYS)) {
    it(`serves it with a single attempt though any one call ${what}`, () =>
      run(async (scene) => {
        // Past a look for leaks, which makes some of the calls, too.
        await live(scene);
        const faults = LIFE.map((call) => ({ call, ...way }));
        await liveThrough(site.cloud, faults, () => live(scene));
      }));

    it(`starts though every call of the start ${what} once`, async () => {
      for (const call of START) site.cloud.arm({ call, ...way });
      // Entra ID's own 401 says that the secret is wrong.
      if (way.status !== 401) for (const call of SIGN_IN) site.cloud.arm({ call, ...way });
      await run(async (scene) => {
        await live(scene);
        assert.ok(!scene.own.lines.some((line) => line.includes('provider cannot start')));
      });
      assert.equal(site.cloud.armed, 0);
    });
  }

  it('serves it with a single attempt though the token is void at any one call', () =>
    run(async (scene) => {
      const { cloud } = site;
      await live(scene);
      const tokens = (): number => cloud.calls.filter((call) => call === 'POST token').length;
      const before = tokens();
      for (const voidAt of LIFE) {
        cloud.onCall = (call) => {
          if (call !== voidAt) return;
          cloud.onCall = undefined;
          cloud.login.revokeAll();
        };
        await live(scene);
        assert.equal(cloud.onCall, undefined, voidAt);
      }
      assert.equal(tokens() - before, LIFE.length);
    }));

  it('serves a request in the next attempt where a call goes wrong for good in the first', () =>
    run(async (scene) => {
      const times = 3;
      const faults: Fault[] = [
        { call: 'PUT virtualMachines/*', mode: 'fail', times },
        { call: 'PUT virtualMachines/*', mode: 'hang', times },
      ];
      await live(scene);
      await liveThrough(site.cloud, faults, () => live(scene));
      const failed = scene.own.lines.filter((line) => line.includes('launch attempt failed'));
      assert.equal(failed.length, faults.length);
    }, 2));

  it('takes all away in the end where a call of the deletion goes wrong for good at first', () =>
    run(async (scene) => {
      await live(scene);
      const calls = ['DELETE virtualMachines/*', 'GET disks'];
      const faults = calls.map((call): Fault => ({ call, mode: 'lose', times: 3 }));
      await liveThrough(site.cloud, faults, () => live(scene));
    }));

  it('serves it in the next attempt where a machine fails, and takes away what it left', () =>
    run(async (scene) => {
      const { cloud } = site;
      cloud.compute.failure = { code: 'OSProvisioningTimedOut', message: 'it does not answer' };
      cloud.onCall = (call) => {
        if (call !== 'GET virtualMachines/*') return;
        cloud.onCall = undefined;
        // Its instance view says why; nothing of it goes with it.
        cloud.compute.failure = undefined;
        const { interfaces, publicIps, disks } = cloud.counts;
        assert.deepEqual([interfaces, publicIps, disks], [1, 1, 1]);
      };
      await live(scene);
      const words = /launch attempt failed.*OSProvisioningTimedOut.*it does not answer/;
      assert.ok(scene.own.lines.some((line) => words.test(line)));
    }, 2));

  it('serves it in the next attempt where somebody else deletes the machine', () =>
    run(async (scene) => {
      const { cloud } = site;
      cloud.hold('create');
      let listings = 0;
      cloud.onCall = (call) => {
        if (call !== 'GET virtualMachines' || cloud.counts.machines === 0) return;
        // The first one shows it.
        if (++listings < 2) return;
        cloud.onCall = undefined;
        for (const { name } of cloud.compute.machines.all()) cloud.vanish(name);
        cloud.release('create');
      };
      await live(scene);
      assert.equal(cloud.onCall, undefined);
      assert.ok(scene.own.lines.some((line) => line.includes('was deleted by somebody else')));
    }, 2));
});

describe('the azure driver in a launcher, where Azure is behind in all that it says,', () => {
  it('serves requests with a single attempt, and nothing is left', async () => {
    const site = await AzureSite.open({
      ...{ lagSeconds: 0.4, otherLagSeconds: 0.6, ghostSeconds: 0.4, cascadeSeconds: 0.3 },
      ...{ addressSeconds: 0.3, pageSize: 1 },
    });
    try {
      await site.play(async (scene) => {
        for (const call of ['GET virtualMachines/*', 'GET networkInterfaces', 'GET disks']) {
          site.cloud.arm({ call, mode: 'lose' });
          await liveNode(scene, 'small', ({ public_ipv4: address }) => {
            assert.deepEqual(
              site.cloud.network.publicIps.all().map((one) => one.address),
              [address],
            );
          });
          await site.untilEmpty();
        }
        assert.ok(!scene.own.lines.some((line) => line.includes('launch attempt failed')));
      });
    } finally {
      await site.close();
    }
  });
});
