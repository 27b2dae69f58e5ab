/**
 * The `aws` driver in a launcher, over HTTP: each call of the start and of a node's life goes wrong once
 * in each way. The node is there nevertheless, and in the end nothing is left.
 */
import assert from 'node:assert/strict';

import { THROTTLED, type Fault } from '../../../fixtures/aws-cloud/faults.ts';
import { AwsSite, awsProvider } from '../../support/aws-site.ts';
import { liveNode, liveThrough } from '../../support/cloud-life.ts';
import type { Scene } from '../../support/launcher-scene.ts';

/** Each way to go wrong; what hangs is given up by the site's deadline. */
const FAIL = { mode: 'fail' } as const;
const HANG = { mode: 'hang' } as const;
const LOSE = { mode: 'lose' } as const;
const WAYS: Readonly<Record<string, Omit<Fault, 'call'>>> = {
  'is refused with 500': FAIL,
  'is never answered': HANG,
  'loses its answer': LOSE,
  'is told to wait': THROTTLED,
};

/** Calls of every provider's start. */
const START = ['DescribeInstanceTypes', 'DescribeImages', 'ListServiceQuotas', 'DescribeInstances'];
const LIFE = ['RunInstances', 'DescribeInstances', 'TerminateInstances'];

/** Of the look for leaks that a launcher may begin with; aws-leaks.test.ts lets it go wrong. */
const LEAKS: ReadonlySet<string> = new Set([
  ...['DescribeSnapshots', 'DescribeImportImageTasks', 'DescribeImportSnapshotTasks'],
  ...['ListObjectsV2', 'ListMultipartUploads', 'DescribeHosts', 'DescribeVolumes'],
]);

interface Kind {
  /** Options of the label. */
  readonly label: Readonly<Record<string, unknown>>;
  /** Further calls of the start. */
  readonly start: readonly string[];
  /** Those of a node, from its request to its end. */
  readonly life: readonly string[];
  /** Those among them that go wrong here: what other kinds have, too, does so there. */
  readonly own: readonly string[];
}

const PLAIN: Kind = {
  label: { 'volume-type': 'gp3', 'volume-size': 10 },
  start: ['DescribeVolumes'],
  life: LIFE,
  own: LIFE,
};

const OTHERS: Readonly<Record<string, Kind>> = {
  'a spot instance': { label: { 'use-spot': true }, start: [], life: LIFE, own: ['RunInstances'] },
  'an instance of a fleet': {
    label: {
      fleet: { 'instance-types': ['c5.large', 'm5.large'], 'allocation-strategy': 'prioritized' },
    },
    start: ['DescribeLaunchTemplates', 'CreateLaunchTemplate'],
    life: ['CreateFleet', 'DescribeInstances', 'TerminateInstances'],
    own: ['CreateFleet'],
  },
  'an instance on a host of its own': {
    label: { 'dedicated-host': true },
    start: ['DescribeHosts'],
    life: [...LIFE, 'AllocateHosts', 'DescribeHosts', 'ReleaseHosts'],
    own: ['AllocateHosts', 'DescribeHosts', 'RunInstances', 'ReleaseHosts'],
  },
};

describe('the aws driver in a launcher', () => {
  let site: AwsSite;
  beforeEach(async () => {
    site = await AwsSite.open();
  });
  afterEach(() => site.close());

  /** Nothing is collected: what a node takes has to go with it. */
  const run = (
    { label }: Kind,
    steps: (scene: Scene) => Promise<void>,
    retries = 1,
  ): Promise<void> =>
    site.play(steps, {
      providers: [
        awsProvider({ labels: { small: label }, provider: { 'launch-retries': retries } }),
      ],
      intervals: { cleanup: 3600 },
    });

  const live = async (scene: Scene): Promise<void> => {
    const { instances, volumes, hosts } = site.cloud;
    await liveNode(scene, 'small', (node) => {
      const alive = instances.alive();
      const ids = alive.map(({ id: instance, hostId: host }) => ({
        instance,
        ...(host !== undefined && { host }),
      }));
      assert.deepEqual(ids, [node.external_id], 'one instance, the reported one');
      assert.deepEqual(
        hosts.alive().map(({ id }) => id),
        alive.flatMap(({ hostId }) => hostId ?? []),
        'no host beside its own',
      );
      const tagged = [...alive, ...volumes.volumes.all()].map(
        ({ tags }) => tags.nodepool_provider_name,
      );
      assert.deepEqual(tagged, ['aws-one', 'aws-one'], 'an instance and a volume, with tags');
      assert.equal(node.public_ipv4, alive[0]?.publicIp);
    });
    await site.untilEmpty();
  };

  for (const [what, kind] of Object.entries({ 'an instance': PLAIN, ...OTHERS }))
    it(`makes ${what} with exactly the calls that these tests let go wrong`, () =>
      run(kind, async (scene) => {
        await live(scene);
        const expected = new Set([...START, ...kind.start, ...kind.life]);
        const seen = site.cloud.calls.filter((call) => expected.has(call) || !LEAKS.has(call));
        assert.deepEqual([...new Set(seen)].toSorted(), [...expected].toSorted());
      }));

  for (const [way, fault] of Object.entries(WAYS))
    it(`serves a request with a single attempt though any one call ${way}`, () =>
      run(PLAIN, async (scene) => {
        // Past a look for leaks, which makes some of the calls, too.
        await live(scene);
        const faults = PLAIN.own.map((call) => ({ call, ...fault }));
        await liveThrough(site.cloud, faults, () => live(scene));
      }));

  for (const [what, kind] of Object.entries(OTHERS))
    it(`makes ${what} with a single attempt though any one call loses its answer`, () =>
      run(kind, async (scene) => {
        await live(scene);
        const faults = kind.own.map((call): Fault => ({ call, ...LOSE }));
        await liveThrough(site.cloud, faults, () => live(scene));
      }));

  for (const [kind, ways] of [
    [PLAIN, [FAIL, LOSE]],
    [OTHERS['an instance of a fleet'] ?? PLAIN, [HANG]],
  ] as const)
    it(`starts though each call of the start goes wrong: ${ways.map(({ mode }) => mode).join()}`, async () => {
      for (const call of [...START, ...kind.start])
        for (const way of ways) site.cloud.arm({ call, ...way });
      await run(kind, async (scene) => {
        await live(scene);
        assert.ok(!scene.own.lines.some((line) => line.includes('provider cannot start')));
      });
      assert.equal(site.cloud.armed, 0);
    });

  for (const [what, kind] of Object.entries({ 'an instance': PLAIN, ...OTHERS }))
    it(`makes ${what} in the next attempt where there is no capacity in the first`, () =>
      run(
        kind,
        async (scene) => {
          const capacity = { status: 500, code: 'InsufficientInstanceCapacity' };
          const faults = kind.own
            .filter((call) => /^(Run|Create|Allocate)/.test(call))
            .map((call): Fault => ({ call, mode: 'fail', ...capacity }));
          await live(scene);
          await liveThrough(site.cloud, faults, () => live(scene));
          const failed = scene.own.lines.filter((line) => line.includes('launch attempt failed'));
          assert.equal(failed.length, faults.length);
        },
        2,
      ));

  it('takes all away in the end where a call of the deletion goes wrong for good at first', () =>
    run(OTHERS['an instance on a host of its own'] ?? PLAIN, async (scene) => {
      await live(scene);
      const calls = ['TerminateInstances', 'ReleaseHosts'];
      const faults = calls.map((call): Fault => ({ call, mode: 'lose', times: 3 }));
      await liveThrough(site.cloud, faults, () => live(scene));
    }));

  it('makes an instance in the next attempt where the first one ends by itself', () =>
    run(
      PLAIN,
      async (scene) => {
        const { instances } = site.cloud;
        instances.failure = {
          code: 'Server.InternalError',
          message: 'Server.InternalError: Internal error on launch',
        };
        site.cloud.onCall = (call) => {
          if (call === 'TerminateInstances') instances.failure = undefined;
        };
        await live(scene);
        const failed = scene.own.lines.filter((line) => line.includes('launch attempt failed'));
        assert.match(failed.join('\n'), /Internal error on launch/);
        assert.equal(failed.length, 1);
      },
      2,
    ));

  it('makes one in the next attempt where somebody else terminates the first', () =>
    run(
      PLAIN,
      async (scene) => {
        const { cloud } = site;
        cloud.hold('create');
        cloud.onCall = (call) => {
          const [instance] = cloud.instances.alive();
          if (call !== 'DescribeInstances' || instance === undefined) return;
          cloud.onCall = undefined;
          cloud.vanish(instance.id);
          cloud.release('create');
        };
        await live(scene);
        const failed = scene.own.lines.filter((line) => line.includes('launch attempt failed'));
        assert.match(failed.join('\n'), /User initiated shutdown/);
      },
      2,
    ));

  it('makes another spot instance where AWS takes one back while it starts', () =>
    run(
      OTHERS['a spot instance'] ?? PLAIN,
      async (scene) => {
        const { cloud } = site;
        cloud.hold('create');
        cloud.onCall = (call) => {
          const [instance] = cloud.instances.alive();
          if (call !== 'DescribeInstances' || instance === undefined) return;
          cloud.onCall = undefined;
          cloud.reclaim(instance.id);
          cloud.release('create');
        };
        await live(scene);
        const failed = scene.own.lines.filter((line) => line.includes('launch attempt failed'));
        assert.match(failed.join('\n'), /NP_CLOUD_CAPACITY|Spot instance termination/);
      },
      2,
    ));
});

describe('the aws driver in a launcher, where listings lag behind,', () => {
  it('serves a request with a single attempt though a look at its instance goes wrong', async () => {
    const site = await AwsSite.open({ lagSeconds: 0.5 });
    try {
      await site.play(async (scene) => {
        const ways = [FAIL, LOSE];
        const faults = ways.map((way): Fault => ({ call: 'DescribeInstances', ...way }));
        await liveThrough(site.cloud, faults, async () => {
          await liveNode(scene, 'small', ({ external_id: externalId }) => {
            const alive = site.cloud.instances.alive().map(({ id: instance }) => ({ instance }));
            assert.deepEqual(alive, [externalId]);
          });
          await site.untilEmpty();
        });
      });
    } finally {
      await site.close();
    }
  });
});
