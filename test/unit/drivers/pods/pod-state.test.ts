import assert from 'node:assert/strict';

import { hasCode, hasLabel } from '../../../../shared/base/errors.ts';
import type { Pod } from '../../../../shared/drivers/pods/client/objects.ts';
import { lateError, podState } from '../../../../shared/drivers/pods/pod-state.ts';

type Status = NonNullable<Pod['status']>;

const stateOf = (status: Status, metadata: Pod['metadata'] = {}) =>
  podState({ metadata: { name: 'one', ...metadata }, status });

const waiting = (reason: string, message?: string): Status => ({
  phase: 'Pending',
  containerStatuses: [
    {
      ...{ name: 'c', image: 'i', imageID: '', ready: false, restartCount: 0 },
      state: { waiting: { reason, ...(message !== undefined && { message }) } },
    },
  ],
});

const unplaced: Status = {
  phase: 'Pending',
  conditions: [
    {
      ...{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' },
      message: '0/3 nodes are available: 3 Insufficient cpu.',
    },
  ],
};

describe('pods: the state of a pod', () => {
  it('is running, as soon as its phase is', () => {
    assert.deepEqual(stateOf({ phase: 'Running' }), { is: 'running' });
  });

  it('is coming, as long as nothing is wrong', () => {
    for (const status of [{}, { phase: 'Pending' }, waiting('ContainerCreating')])
      assert.deepEqual(stateOf(status), { is: 'coming' });
  });

  it('is failed where it ended, with its exit code', () => {
    const state = { terminated: { exitCode: 3, message: 'no' } };
    const ended = { name: 'c', image: 'i', imageID: '', ready: false, restartCount: 0, state };
    for (const phase of ['Failed', 'Succeeded']) {
      const seen = stateOf({ phase, containerStatuses: [ended] });
      assert.ok(seen.is === 'failed');
      assert.equal(seen.error.message, `pod one ended (${phase}): exit code 3, no`);
      assert.ok(hasLabel(seen.error, 'retryable'));
    }
    const evicted = stateOf({ phase: 'Failed', reason: 'Evicted', message: 'low on memory' });
    assert.ok(evicted.is === 'failed');
    assert.equal(evicted.error.message, 'pod one ended (Failed): Evicted: low on memory');
  });

  it('is failed where it is being deleted, even while it runs', () => {
    const seen = stateOf({ phase: 'Running' }, { deletionTimestamp: '2026-01-01T00:00:00Z' });
    assert.equal(seen.is, 'failed');
  });

  it('is failed for good where the image is no image', () => {
    const seen = stateOf(waiting('InvalidImageName', 'bad reference'));
    assert.ok(seen.is === 'failed');
    assert.ok(hasCode(seen.error, 'NP_CLOUD_FATAL'));
    assert.match(seen.error.message, /InvalidImageName: bad reference/);
  });

  it('is stuck while the kubelet tries again, in any container', () => {
    assert.deepEqual(stateOf(waiting('ErrImagePull', 'not found')), {
      is: 'stuck',
      why: 'ErrImagePull: not found',
    });
    assert.deepEqual(stateOf(waiting('ImagePullBackOff')), {
      is: 'stuck',
      why: 'ImagePullBackOff',
    });
    const { containerStatuses = [] } = waiting('CrashLoopBackOff');
    const seen = stateOf({ phase: 'Pending', initContainerStatuses: containerStatuses });
    assert.deepEqual(seen, { is: 'stuck', why: 'CrashLoopBackOff' });
  });

  it('is unplaced where the scheduler finds no node, in its words', () => {
    assert.deepEqual(stateOf(unplaced), {
      is: 'unplaced',
      why: '0/3 nodes are available: 3 Insufficient cpu.',
    });
  });

  it('makes capacity of a pod that found no place in time, and an attempt of all others', () => {
    const late = lateError('one', stateOf(unplaced), 300);
    assert.ok(hasCode(late, 'NP_CLOUD_CAPACITY') && hasLabel(late, 'capacity'));
    assert.match(late.message, /does not run after 300 s: 0\/3 nodes/);
    const stuck = lateError('one', stateOf(waiting('ErrImagePull', 'not found')), 60);
    assert.ok(hasCode(stuck, 'NP_CLOUD_TRANSIENT') && hasLabel(stuck, 'retryable'));
    assert.match(stuck.message, /after 60 s: ErrImagePull: not found/);
    assert.equal(
      lateError('one', { is: 'coming' }, 300).message,
      'pod one does not run after 300 s',
    );
  });
});
