/** What becomes of a launch where the cluster cannot run its pod. */
import assert from 'node:assert/strict';

import { ONE_NODE } from '../../../../fixtures/kube-cloud/controllers/nodes.ts';
import { hasCode, hasLabel } from '../../../../shared/base/errors.ts';
import type { ErrorCode } from '../../../../shared/base/error-codes.ts';
import type { Instance, Provider } from '../../../../shared/drivers/driver.ts';
import { launchSpec } from '../../../support/launch-spec.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { clusterSubject, type ClusterSubject } from './cluster-subject.ts';

/** Of the label `pod`. */
const IMAGE = 'python';

interface Trouble {
  readonly what: string;
  readonly make: (subject: ClusterSubject) => void;
  readonly code: ErrorCode;
  readonly isCapacity?: boolean;
  readonly words: RegExp;
  /** Seconds until the launch fails, about. */
  readonly after: readonly [least: number, most: number];
}

const TROUBLES: readonly Trouble[] = [
  {
    what: 'the image cannot be pulled',
    make: ({ cloud }) => cloud.pods.imageTroubles.set(IMAGE, 'ErrImagePull'),
    code: 'NP_CLOUD_TRANSIENT',
    words: /ImagePullBackOff: Back-off pulling image.*not found/,
    after: [55, 130],
  },
  {
    what: 'the name of the image is none',
    make: ({ cloud }) => cloud.pods.imageTroubles.set(IMAGE, 'InvalidImageName'),
    code: 'NP_CLOUD_FATAL',
    words: /cannot start: InvalidImageName: Failed to apply default image tag "python"/,
    after: [0, 10],
  },
  {
    what: 'no node has the labels that are asked for',
    make: ({ cloud }) => {
      cloud.pods.nodes = [{ name: 'node-2', labels: {}, capacity: {} }];
    },
    code: 'NP_CLOUD_CAPACITY',
    isCapacity: true,
    words: /0\/1 nodes are available: 1 (Insufficient cpu|Too many pods)/,
    after: [280, 320],
  },
  {
    what: 'there are no nodes',
    make: ({ cloud }) => {
      cloud.pods.nodes = [];
    },
    code: 'NP_CLOUD_CAPACITY',
    isCapacity: true,
    words: /no nodes available to schedule pods/,
    after: [280, 320],
  },
  {
    what: 'nobody starts it',
    make: ({ cloud }) => {
      cloud.hold('create');
    },
    code: 'NP_CLOUD_TRANSIENT',
    words: /pod pod .*300 s/,
    after: [280, 320],
  },
];

describe('a launch of a pod', () => {
  let subject: ClusterSubject;
  let provider: Provider;
  beforeEach(async () => {
    subject = clusterSubject('kubernetes', { createSeconds: 2 });
    await subject.clock.advance(1000);
    provider = await settleByTurning(subject.clock, subject.connect());
  });
  afterEach(async () => {
    await provider.close();
    subject.close();
  });

  const launch = (): Promise<Instance | undefined> => {
    const launching = Promise.resolve(
      provider.launch?.(launchSpec(subject.config, 'pod'), new AbortController().signal),
    );
    launching.catch(() => undefined);
    return launching;
  };

  for (const { what, make, code, isCapacity = false, words, after } of TROUBLES)
    it(`fails with ${code} where ${what}`, async () => {
      make(subject);
      const beganMs = subject.clock.monotonic();
      await settleByTurning(
        subject.clock,
        assert.rejects(launch(), (error) => {
          assert.ok(hasCode(error, code), String(error));
          assert.equal(hasLabel(error, 'capacity'), isCapacity);
          assert.match(String(error), words);
          return true;
        }),
      );
      const seconds = (subject.clock.monotonic() - beganMs) / 1000;
      assert.ok(seconds >= after[0] && seconds <= after[1], `${seconds} s`);
    });

  it('waits for a node that has room', async () => {
    const { cloud, clock } = subject;
    cloud.pods.nodes = [];
    const launching = launch();
    await clock.advance(120_000);
    cloud.pods.nodes = ONE_NODE;
    const instance = await settleByTurning(clock, launching);
    assert.equal(instance?.hostId, 'node-1');
  });

  it('waits for the namespace to have its account', async () => {
    const late = clusterSubject('kubernetes', { ownSeconds: 8 });
    await late.clock.advance(10_000);
    const connected = await settleByTurning(late.clock, late.connect());
    const spec = launchSpec(late.config, 'pod');
    const launching = Promise.resolve(connected.launch?.(spec, new AbortController().signal));
    assert.ok(await settleByTurning(late.clock, launching));
    await connected.close();
    late.close();
  });
});
