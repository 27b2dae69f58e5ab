import assert from 'node:assert/strict';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ImageFolder } from '../../../../builder/files/image-folder.ts';

describe('the folder of images', () => {
  let path: string;

  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'images-'));
  });
  afterEach(() => rm(path, { recursive: true }));

  it('tells what the largest build of an image takes on the disk', async () => {
    const folder = new ImageFolder(path);
    assert.equal(await folder.largestBytes('debian'), 0);
    const key = { image: 'debian', build: 'a'.repeat(32) };
    const file = folder.pathOf(key, 'raw');
    await writeFile(file, Buffer.alloc(64 * 1024, 1));
    // A hole, which takes no room.
    await truncate(file, 2 ** 30);
    await writeFile(folder.pathOf({ ...key, build: 'b'.repeat(32) }, 'raw'), 'small');
    await writeFile(folder.pathOf({ ...key, image: 'other' }, 'raw'), Buffer.alloc(2 ** 20, 1));
    const largest = await folder.largestBytes('debian');
    assert.ok(largest >= 64 * 1024 && largest < 2 ** 20, String(largest));
    assert.equal(await folder.sizeOf(key, 'raw'), 2 ** 30);
    assert.equal(await folder.sizeOf(key, 'qcow2'), undefined);
    assert.equal(await folder.allocatedBytes(key, 'qcow2'), 0);
  });
});
