import assert from 'node:assert/strict';

import {
  hasEnded,
  isCompleted,
  ofImageTask,
  ofSnapshotTask,
} from '../../../../shared/drivers/aws/image-tasks.ts';

const TAGS = [{ Key: 'nodepool_upload_id', Value: '1' }];

describe('tasks of imports', () => {
  it('of snapshots say what they have made and how far they are', () => {
    assert.deepEqual(
      ofSnapshotTask({
        ImportTaskId: 'import-snap-1',
        Tags: TAGS,
        SnapshotTaskDetail: { Status: 'Active', Progress: '42', StatusMessage: 'pending' },
      }),
      {
        ...{ id: 'import-snap-1', status: 'active', progress: '42', words: 'pending', made: [] },
        tags: { nodepool_upload_id: '1' },
      },
    );
    const detail = { Status: 'completed', SnapshotId: 'snap-1' };
    const done = ofSnapshotTask({ ImportTaskId: 'x', SnapshotTaskDetail: detail });
    assert.deepEqual(done.made, ['snap-1']);
    assert.deepEqual(ofSnapshotTask({}).made, []);
  });

  it('of images have made the image, then its snapshots', () => {
    const task = ofImageTask({
      ...{ ImportTaskId: 'import-ami-1', Tags: TAGS, Status: 'completed', ImageId: 'ami-1' },
      SnapshotDetails: [{ SnapshotId: 'snap-1' }, {}, { SnapshotId: 'snap-2' }],
    });
    assert.deepEqual(task.made, ['ami-1', 'snap-1', 'snap-2']);
    assert.deepEqual(task.tags, { nodepool_upload_id: '1' });
  });

  const inState = (Status: string, StatusMessage?: string) =>
    ofImageTask({ ImportTaskId: 'import-ami-1', Status, StatusMessage });

  it('are completed, or not yet', () => {
    assert.ok(isCompleted(inState('completed')));
    assert.ok(hasEnded(inState('completed')));
    for (const status of ['active', 'pending', 'updating', '']) {
      assert.ok(!isCompleted(inState(status)));
      assert.ok(!hasEnded(inState(status)));
    }
  });

  for (const status of ['deleted', 'Deleting', 'error', 'cancelled'])
    it(`never will be, with AWS's words: ${status}`, () => {
      assert.ok(hasEnded(inState(status)));
      const expected = { code: 'NP_CLOUD_TRANSIENT', message: /import-ami-1 .*: no boot disk/ };
      assert.throws(() => isCompleted(inState(status, 'no boot disk')), expected);
      assert.throws(() => isCompleted(inState(status)), /AWS gives no reason/);
    });
});
