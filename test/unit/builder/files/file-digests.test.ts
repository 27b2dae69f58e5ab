import assert from 'node:assert/strict';
import { lstat, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FileDigests } from '../../../../builder/files/file-digests.ts';

describe('digests of files', () => {
  let folder: string;
  let path: string;
  let now: number;
  let files: FileDigests;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'file-digests-'));
    path = join(folder, 'file');
    await writeFile(path, 'a');
    now = Date.now() + 60_000;
    files = new FileDigests({ now: () => now });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const stats = () => lstat(path, { bigint: true });

  it('are not read again while the file is as before', async () => {
    const before = await stats();
    const digest = await files.of(path, before);
    await writeFile(path, 'b');
    // Were it read, it would be another.
    assert.equal(await files.of(path, before), digest);
    files.forgetUnseen();
    assert.equal(await files.of(path, before), digest);
  });

  it('are read again when size, number or a time of the file is another', async () => {
    await utimes(path, 1, 1);
    const digest = await files.of(path, await stats());
    await writeFile(path, 'b');
    // Whoever sets the time of content back cannot set that of the change.
    await utimes(path, 1, 1);
    assert.notEqual(await files.of(path, await stats()), digest);
  });

  it('of a file that was changed a moment ago are read again', async () => {
    const before = await stats();
    now = Number(before.ctimeNs / 1_000_000n) + 10;
    const digest = await files.of(path, before);
    await writeFile(path, 'b');
    assert.notEqual(await files.of(path, before), digest);
  });

  it('of files that nobody asks for are forgotten', async () => {
    const before = await stats();
    const digest = await files.of(path, before);
    await writeFile(path, 'b');
    files.forgetUnseen();
    files.forgetUnseen();
    assert.notEqual(await files.of(path, before), digest);
  });
});
