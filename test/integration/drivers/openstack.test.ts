/**
 * The `openstack` driver in a launcher, over HTTP: each call of the start and of a node's life goes
 * wrong once in each way. The node is there nevertheless, and in the end nothing is left.
 */
import assert from 'node:assert/strict';

import type { Fault } from '../../../fixtures/openstack-cloud/faults.ts';
import { liveNode, liveThrough } from '../../support/cloud-life.ts';
import type { Scene } from '../../support/launcher-scene.ts';
import { OpenStackSite, openStackProvider } from '../../support/openstack-site.ts';

/** Each way to go wrong; what hangs is given up by the site's `api_timeout`. */
const WAYS: Readonly<Record<string, Omit<Fault, 'call'>>> = {
  'is refused with 500': { mode: 'fail' },
  'is never answered': { mode: 'hang' },
  'loses its answer': { mode: 'lose' },
  'is told to wait': { mode: 'fail', status: 429, headers: { 'retry-after': '0' } },
  'has its token refused': { mode: 'fail', status: 401 },
};

/** Calls of a provider's start but for the one that gets the token. */
const START = [
  'GET compute version',
  'GET image version',
  'GET network version',
  'GET block-storage version',
  'GET flavors/detail',
  'GET networks',
  'GET subnets',
  'GET routers',
  'GET images',
  'GET os-availability-zone',
  'GET limits',
  'GET volume limits',
  'GET quotas/*/details.json',
  'GET servers/detail',
];
const TOKEN = 'POST auth/tokens';

/** Those of a node with a floating IP and a volume, from its request to its end. */
const LIFE = [
  'POST servers',
  'GET servers/detail',
  'GET ports',
  'POST floatingips',
  'POST volumes/*/metadata',
  'DELETE floatingips/*',
  'DELETE servers/*',
  'GET volumes/detail',
];

/** Of the look for leaks that a launcher may begin with; openstack-leaks.test.ts lets it go wrong. */
const LEAKS = 'GET floatingips';

describe('the openstack driver in a launcher', () => {
  let site: OpenStackSite;
  beforeEach(async () => {
    site = await OpenStackSite.open();
  });
  afterEach(() => site.close());

  /** Nothing is collected: what a node takes has to go with it. */
  const run = (steps: (scene: Scene) => Promise<void>, retries = 1): Promise<void> =>
    site.play(steps, {
      providers: [
        openStackProvider({
          labels: { small: { 'boot-from-volume': true } },
          provider: { 'launch-retries': retries },
        }),
      ],
      intervals: { cleanup: 3600 },
    });

  const live = async (scene: Scene): Promise<void> => {
    const { compute, network, volumes } = site.cloud;
    await liveNode(scene, 'small', (node) => {
      const servers = compute.servers.all().map(({ id }) => id);
      assert.deepEqual(servers, [node.external_id], 'one server, the reported one');
      const addresses = network.floatingIps.all().map((one) => one.floating_ip_address);
      assert.deepEqual(addresses, [node.public_ipv4], 'one floating IP, the reported one');
      const tagged = volumes.volumes.all().map(({ metadata }) => metadata.nodepool_provider_name);
      assert.deepEqual(tagged, ['openstack-one'], 'one volume, with tags');
    });
    await site.untilEmpty();
  };

  it('serves a request with exactly the calls that these tests let go wrong', () =>
    run(async (scene) => {
      await live(scene);
      assert.deepEqual(
        [...new Set(site.cloud.calls)].filter((call) => call !== LEAKS).toSorted(),
        [...new Set([TOKEN, ...START, ...LIFE])].toSorted(),
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
      // Keystone's own 401 says that the password is wrong.
      if (way.status !== 401) site.cloud.arm({ call: TOKEN, ...way });
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
      for (const voidAt of LIFE) {
        cloud.onCall = (call) => {
          if (call !== voidAt) return;
          cloud.onCall = undefined;
          cloud.identity.revokeAll();
        };
        await live(scene);
        assert.equal(cloud.onCall, undefined, voidAt);
      }
      assert.equal(cloud.calls.filter((call) => call === TOKEN).length, 1 + LIFE.length);
    }));

  it('serves a request in the next attempt where a call goes wrong for good in the first', () =>
    run(async (scene) => {
      const times = 3;
      const faults: Fault[] = [
        { call: 'POST servers', mode: 'fail', times },
        { call: 'POST floatingips', mode: 'fail', times },
        { call: 'POST floatingips', mode: 'lose', times },
        { call: 'POST volumes/*/metadata', mode: 'hang', times },
      ];
      await live(scene);
      await liveThrough(site.cloud, faults, () => live(scene));
      const failed = scene.own.lines.filter((line) => line.includes('launch attempt failed'));
      assert.equal(failed.length, faults.length);
    }, 2));

  it('takes all away in the end where a call of the deletion goes wrong for good at first', () =>
    run(async (scene) => {
      await live(scene);
      const calls = ['DELETE floatingips/*', 'DELETE servers/*', 'GET volumes/detail'];
      const faults = calls.map((call): Fault => ({ call, mode: 'lose', times: 3 }));
      await liveThrough(site.cloud, faults, () => live(scene));
    }));

  it('serves it in the next attempt where somebody else deletes the server', () =>
    run(async (scene) => {
      const { cloud } = site;
      let calls = 0;
      cloud.onCall = (call) => {
        if (call !== 'GET servers/detail' || cloud.compute.servers.size === 0) return;
        cloud.onCall = undefined;
        for (const { id } of cloud.compute.servers.all()) cloud.vanish(id);
        calls++;
      };
      await live(scene);
      assert.equal(calls, 1);
      assert.ok(scene.own.lines.some((line) => line.includes('was deleted by somebody else')));
    }, 2));
});

describe('the openstack driver in a launcher, where listings lag behind,', () => {
  it('serves a request with a single attempt though the look at its server goes wrong', async () => {
    const site = await OpenStackSite.open({ lagSeconds: 0.5 });
    try {
      await site.play(async (scene) => {
        const faults = Object.values(WAYS).map((way) => ({ call: 'GET servers/*', ...way }));
        await liveThrough(site.cloud, faults, async () => {
          await liveNode(scene, 'small', ({ external_id: externalId }) => {
            assert.deepEqual(
              site.cloud.compute.servers.all().map(({ id }) => id),
              [externalId],
            );
          });
          await site.untilEmpty();
        });
      });
    } finally {
      await site.close();
    }
  });
});
