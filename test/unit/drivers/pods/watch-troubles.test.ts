/** Nodes of the three drivers come and go though watches go wrong in every way. */
import assert from 'node:assert/strict';

import type { Fault } from '../../../../fixtures/kube-cloud/faults.ts';
import type { KubeCloudOptions } from '../../../../fixtures/kube-cloud/ground.ts';
import { hasCode } from '../../../../shared/base/errors.ts';
import type { Instance, Provider } from '../../../../shared/drivers/driver.ts';
import type { KubeDriver } from '../../../support/kube-site.ts';
import { launchSpec, type RecordedSpec } from '../../../support/launch-spec.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { clusterSubject, type ClusterSubject } from './cluster-subject.ts';

const never = (): AbortSignal => new AbortController().signal;

/** So slow that each watch has something to tell. */
const SLOW: Partial<KubeCloudOptions> = {
  ...{ scheduleSeconds: 1, createSeconds: 3, deleteSeconds: 3, tokenSeconds: 2, ownSeconds: 0.5 },
  ...{ watchLagSeconds: 0.5, bookmarkSeconds: 60 },
};

type Way = Omit<Fault, 'call'>;

const WAYS: Readonly<Record<string, Way>> = {
  'is refused with 500': { mode: 'fail' },
  'is refused with 500 for a while': { mode: 'fail', times: 8 },
  'is forbidden': { mode: 'fail', status: 403, code: 'Forbidden', times: 50 },
  'is answered with a list': {
    ...{ mode: 'fail', status: 200, times: 50 },
    body: { kind: 'List', apiVersion: 'v1', metadata: { resourceVersion: '1' }, items: [] },
  },
  'is told to wait': { mode: 'fail', status: 429, headers: { 'retry-after': '1' } },
  'loses its answer': { mode: 'lose' },
  'is never answered': { mode: 'hang' },
  'breaks at each change': { mode: 'cut', times: 4 },
  'ends as soon as it began, again and again': { mode: 'end', times: 10 },
  'begins too late': { mode: 'gone', times: 2 },
  'is silent': { mode: 'silent' },
  'is silent twice': { mode: 'silent', times: 2 },
};

/** A life takes about ten seconds of the cluster's time where nothing goes wrong. */
const SOON = 20;
/** Somebody looks who does not trust the watch: once for the launch, once for the deletion. */
const LATER = 75;
/** Nothing tells that these go wrong. */
const UNNOTICED: readonly Fault['mode'][] = ['hang', 'silent'];

interface Scene {
  readonly subject: ClusterSubject;
  readonly provider: Provider;
  readonly spec: RecordedSpec;
}

async function open(driver: KubeDriver): Promise<Scene> {
  const subject = clusterSubject(driver, SLOW);
  await subject.clock.advance(10_000);
  const provider = await settleByTurning(subject.clock, subject.connect());
  return { subject, provider, spec: launchSpec(subject.config, 'pod') };
}

/** A node's life. */
async function live({ subject, provider, spec }: Scene, mostSeconds: number): Promise<void> {
  const { clock, cloud } = subject;
  const beganMs = clock.monotonic();
  const launching = Promise.resolve(provider.launch?.(spec, never()));
  const instance: Instance | undefined = await settleByTurning(clock, launching);
  assert.equal(instance?.hostId ?? 'node-1', 'node-1');
  const target = {
    externalId: spec.reported[0] ?? '',
    nodeId: spec.nodeId,
    driverData: null,
  };
  await settleByTurning(clock, provider.delete(target, never()));
  const seconds = (clock.monotonic() - beganMs) / 1000;
  assert.ok(seconds <= mostSeconds, `it took ${seconds} s`);
  assert.equal(cloud.counts.pods, 0);
}

const CASES: readonly (readonly [KubeDriver, readonly string[]])[] = [
  ['kubernetes', ['secrets', 'pods', 'namespaces']],
  ['openshift', ['projects']],
  ['openshiftpods', ['pods']],
];

for (const [driver, keys] of CASES)
  describe(`the ${driver} driver makes and deletes a node`, () => {
    let scene: Scene;
    beforeEach(async () => {
      scene = await open(driver);
    });
    afterEach(async () => {
      await scene.provider.close();
      scene.subject.close();
    });

    for (const key of keys)
      for (const [what, way] of Object.entries(WAYS))
        it(`though the watch of ${key} ${what}`, async () => {
          const { cloud } = scene.subject;
          cloud.arm({ call: `WATCH ${key}`, ...way });
          await live(scene, UNNOTICED.includes(way.mode) ? LATER : SOON);
          assert.ok(cloud.calls.includes(`WATCH ${key}`));
        });

    it('though the cluster forgets what was before, again and again', async () => {
      const { cloud } = scene.subject;
      cloud.onCall = (call) => {
        if (call.startsWith('WATCH')) cloud.compact();
      };
      await live(scene, SOON);
    });

    it('though all connections break while it comes up', async () => {
      const { cloud, clock } = scene.subject;
      const cancels = [3, 3.2, 4, 5].map((seconds) =>
        clock.after(seconds * 1000, () => {
          cloud.cutWatches();
        }),
      );
      await live(scene, SOON);
      for (const cancel of cancels) cancel();
    });

    it('though nobody answers for a minute while it comes up', async () => {
      const { cloud, clock } = scene.subject;
      cloud.hold('create');
      const cancels = [
        clock.after(5000, () => {
          cloud.isDown = true;
        }),
        clock.after(65_000, () => {
          cloud.isDown = false;
          cloud.release('create');
        }),
      ];
      await live(scene, LATER);
      for (const cancel of cancels) cancel();
    });

    it('but for a cluster that does not answer for longer than anybody waits', async () => {
      const { subject, provider, spec } = scene;
      const { cloud, clock } = subject;
      cloud.hold('create');
      clock.after(5000, () => {
        cloud.isDown = true;
      });
      const launching = Promise.resolve(provider.launch?.(spec, never()));
      await settleByTurning(
        clock,
        assert.rejects(launching, (error) => hasCode(error, 'NP_CLOUD_TRANSIENT')),
      );
      assert.ok(clock.monotonic() > 100_000 && clock.monotonic() < 320_000);
    });
  });
