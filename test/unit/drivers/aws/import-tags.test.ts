import assert from 'node:assert/strict';

import type { Image, ImportImageTask, ImportSnapshotTask, Snapshot } from '@aws-sdk/client-ec2';

import { CloudError } from '../../../../shared/base/errors.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import { tagList } from '../../../../shared/drivers/aws/client/tags.ts';
import { ImportTags, untaggedOf } from '../../../../shared/drivers/aws/import-tags.ts';

const signal = new AbortController().signal;

const tagsOf = (upload: string, provider = 'one') => ({
  nodepool_provider_name: provider,
  nodepool_build_id: 'b',
  nodepool_upload_id: upload,
});

const snapshotTask = (
  upload: string,
  SnapshotId: string | undefined,
  { provider = 'one', Status = 'completed', more = {} } = {},
): ImportSnapshotTask => ({
  ImportTaskId: `import-snap-${upload}`,
  SnapshotTaskDetail: { Status, SnapshotId },
  Tags: tagList({ ...tagsOf(upload, provider), ...more }),
});

const imageTask = (upload: string, made: Partial<ImportImageTask> = {}): ImportImageTask => ({
  ImportTaskId: `import-ami-${upload}`,
  Status: 'completed',
  Tags: tagList(tagsOf(upload)),
  ...made,
});

const ami = (id: string, Name: string, snapshot?: string, tags = {}): Image => ({
  ImageId: id,
  Name,
  ...(snapshot !== undefined && { BlockDeviceMappings: [{ Ebs: { SnapshotId: snapshot } }] }),
  Tags: tagList(tags),
});

const snap = (id: string, Description = '', tags = {}): Snapshot => ({
  SnapshotId: id,
  Description,
  Tags: tagList(tags),
});

class World {
  imageTasks: ImportImageTask[] = [];
  snapshotTasks: ImportSnapshotTask[] = [];
  amis: Image[] = [];
  snapshots: Snapshot[] = [];
  /** Listings of tasks. */
  looks = 0;
  readonly written: [string, Readonly<Record<string, string>>][] = [];
  refusal: Error | undefined;
  readonly tags = new ImportTags({
    provider: 'one',
    log: silentLogger,
    images: {
      imageTasks: () => Promise.resolve(this.imageTasks),
      snapshotTasks: () => {
        this.looks++;
        return Promise.resolve(this.snapshotTasks);
      },
      tag: (ids, tags) => {
        if (this.refusal !== undefined) return Promise.reject(this.refusal);
        this.written.push([ids.join(' '), tags]);
        return Promise.resolve();
      },
    },
  });

  /** As `Leaks` looks; resolves with the upload that each thing is of. */
  async look(): Promise<Record<string, string | undefined>> {
    const untagged = untaggedOf(this.amis, this.snapshots);
    if (!this.tags.isCurious(untagged)) return {};
    const due = await this.tags.settle(untagged, await this.tags.tasks(signal), signal);
    return Object.fromEntries(Array.from(due, ([id, tags]) => [id, tags.nodepool_upload_id]));
  }
}

describe('tags of what imports have made', () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });

  it('are those of their own task, however many there are', async () => {
    world.snapshotTasks = [
      snapshotTask('1', 'snap-1'),
      snapshotTask('2', 'snap-2'),
      snapshotTask('3', 'snap-3', { provider: 'other' }),
    ];
    world.imageTasks = [
      imageTask('4', { ImageId: 'ami-4', SnapshotDetails: [{ SnapshotId: 'snap-4' }] }),
      imageTask('5'),
    ];
    world.snapshots = [
      snap('snap-1'),
      snap('snap-2'),
      snap('snap-3'),
      snap('snap-4'),
      snap('snap-5', 'AWS-VMImport service: created for import-ami-5 of disk 1'),
      snap('snap-6', 'Created by CreateImage for import-ami-99'),
    ];
    world.amis = [
      ami('ami-1', 'debian', 'snap-1'),
      ami('ami-2', 'debian 2', 'snap-2'),
      ami('ami-3', 'another', 'snap-3'),
      ami('ami-4', 'import-ami-44', 'snap-44'),
      ami('ami-5', 'import-ami-5'),
      ami('ami-6', 'import-ami-6'),
    ];
    assert.deepEqual(await world.look(), {
      ...{ 'ami-1': '1', 'ami-2': '2', 'ami-4': '4', 'ami-5': '5' },
      ...{ 'snap-1': '1', 'snap-2': '2', 'snap-4': '4', 'snap-5': '5' },
    });
  });

  it('are written at the second look, one call for a task, without those of AWS', async () => {
    world.snapshotTasks = [
      snapshotTask('1', 'snap-1', { more: { 'aws:cloudformation:stack-id': 's', team: 'a' } }),
    ];
    world.snapshots = [snap('snap-1')];
    world.amis = [ami('ami-1', 'debian', 'snap-1')];
    await world.look();
    assert.deepEqual(world.written, []);
    await world.look();
    assert.deepEqual(world.written, [['ami-1 snap-1', { ...tagsOf('1'), team: 'a' }]]);
  });

  it('are not written where a builder was quicker', async () => {
    world.snapshotTasks = [snapshotTask('1', 'snap-1')];
    world.snapshots = [snap('snap-1')];
    await world.look();
    world.snapshots = [snap('snap-1', '', tagsOf('1'))];
    await world.look();
    assert.deepEqual(world.written, []);
  });

  it('are told though they cannot be written', async () => {
    world.snapshotTasks = [snapshotTask('1', 'snap-1')];
    world.snapshots = [snap('snap-1')];
    world.refusal = new Error('not allowed');
    await world.look();
    assert.deepEqual(await world.look(), { 'snap-1': '1' });
  });

  it('are not tried to be written again where that is not allowed', async () => {
    world.snapshotTasks = [snapshotTask('1', 'snap-1')];
    world.snapshots = [snap('snap-1')];
    world.refusal = new CloudError('NP_CLOUD_FATAL', 'not allowed');
    await world.look();
    await world.look();
    world.refusal = undefined;
    assert.deepEqual(await world.look(), { 'snap-1': '1' });
    assert.deepEqual(world.written, []);
  });

  it('cost no more calls once all is known to be of others', async () => {
    world.snapshotTasks = [snapshotTask('1', 'snap-1', { provider: 'other', Status: 'active' })];
    world.snapshots = [snap('snap-1'), snap('snap-2'), snap('snap-3', '', { owner: 'me' })];
    world.amis = [ami('ami-1', 'mine'), ami('ami-2', 'import-ami-7')];
    await world.look();
    await world.look();
    assert.equal(world.looks, 1);
    world.snapshots.push(snap('snap-4'));
    await world.look();
    await world.look();
    assert.equal(world.looks, 2);
  });

  it('are looked for again as long as a task of ours runs', async () => {
    world.snapshotTasks = [snapshotTask('1', undefined, { Status: 'active' })];
    world.snapshots = [snap('snap-1')];
    assert.deepEqual(await world.look(), {});
    world.snapshotTasks = [snapshotTask('1', 'snap-1')];
    assert.deepEqual(await world.look(), { 'snap-1': '1' });
  });

  it('are forgotten with what they are of', async () => {
    world.snapshots = [snap('snap-1')];
    await world.look();
    world.snapshots = [snap('snap-2')];
    await world.look();
    world.snapshots = [snap('snap-1')];
    await world.look();
    assert.equal(world.looks, 3);
  });
});
