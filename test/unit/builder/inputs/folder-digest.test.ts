import assert from 'node:assert/strict';
import {
  chmod,
  mkdir,
  mkdtemp,
  rename,
  rm,
  symlink,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ManualClock } from '../../../../fixtures/clock.ts';
import { FileDigests } from '../../../../builder/files/file-digests.ts';
import { folderDigest } from '../../../../builder/inputs/folder-digest.ts';
import { hasCode } from '../../../../shared/base/errors.ts';

describe('the digest of a folder', () => {
  let root: string;
  let folder: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'folder-digest-'));
    folder = join(root, 'element');
    await mkdir(join(folder, 'install.d'), { recursive: true });
    await writeFile(join(folder, 'install.d/50-x'), 'echo x\n');
    await writeFile(join(folder, 'element-deps'), 'vm\n');
    await writeFile(join(root, 'outside'), 'a');
    await symlink('../outside', join(folder, 'link'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const digest = (limits?: { entries: number; bytes: number }): Promise<string> =>
    folderDigest(folder, new FileDigests(new ManualClock()), limits);
  const script = (): string => join(folder, 'install.d/50-x');

  const CHANGES: Readonly<Record<string, () => Promise<unknown>>> = {
    'other content': () => writeFile(script(), 'echo y\n'),
    'another name': () => rename(script(), join(folder, 'install.d/51-x')),
    'the right to be executed': () => chmod(script(), 0o755),
    'one file more': () => writeFile(join(folder, 'install.d/60-z'), ''),
    'an empty folder more': () => mkdir(join(folder, 'static')),
    'one file less': () => unlink(join(folder, 'element-deps')),
    'a link that leads elsewhere': async () => {
      await unlink(join(folder, 'link'));
      await writeFile(join(root, 'same'), 'a');
      await symlink('../same', join(folder, 'link'));
    },
    'other content behind a link': () => writeFile(join(root, 'outside'), 'b'),
  };
  for (const [what, change] of Object.entries(CHANGES))
    it(`tells ${what}`, async () => {
      const before = await digest();
      await change();
      assert.notEqual(await digest(), before);
    });

  it('tells nothing of times, owners, readmes and what tools leave', async () => {
    const before = await digest();
    await utimes(script(), 1, 1);
    await chmod(script(), 0o600);
    await writeFile(join(folder, 'README.rst'), 'text');
    for (const name of ['.git', 'install.d/__pycache__']) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, 'x'), '');
    }
    assert.equal(await digest(), before);
    await writeFile(join(folder, 'install.d/README'), '');
    assert.notEqual(await digest(), before, 'only of the readme of the element');
  });

  it('is refused where there is more than can be meant', async () => {
    const tooLarge = (error: unknown): boolean => hasCode(error, 'NP_BUILD_INPUTS');
    await digest({ entries: 4, bytes: 11 });
    await assert.rejects(digest({ entries: 3, bytes: 11 }), tooLarge);
    await assert.rejects(digest({ entries: 4, bytes: 10 }), tooLarge);
  });

  it('ends where links lead in circles', async () => {
    await symlink('.', join(folder, 'self'));
    await symlink('loop', join(folder, 'loop'));
    await digest();
  });
});
