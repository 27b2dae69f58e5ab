import assert from 'node:assert/strict';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { writePrivately } from '../../../shared/cli/private-file.ts';

describe('a private file', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nodepool-cli-'));
    path = join(folder, 'file');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const modeOf = async (): Promise<number> => (await stat(path)).mode & 0o777;

  it('is for its owner alone', async () => {
    await writePrivately(path, 'text');
    assert.equal(await readFile(path, 'utf8'), 'text');
    assert.equal(await modeOf(), 0o600);
  });

  it('takes the place of a longer one that all may read', async () => {
    await writeFile(path, 'a longer text');
    await chmod(path, 0o644);
    await writePrivately(path, 'text');
    assert.equal(await readFile(path, 'utf8'), 'text');
    assert.equal(await modeOf(), 0o600);
    assert.deepEqual(await readdir(folder), ['file']);
  });

  it('stays behind its link', async () => {
    const link = join(folder, 'link');
    await writeFile(path, 'old');
    await symlink('file', link);
    await writePrivately(link, 'new');
    assert.equal(await readFile(path, 'utf8'), 'new');
    assert.ok((await lstat(link)).isSymbolicLink());
  });

  it('leaves nothing behind where it cannot be written', async () => {
    await assert.rejects(writePrivately(join(folder, 'none', 'file'), 'text'), { code: 'ENOENT' });
    await mkdir(path);
    await assert.rejects(writePrivately(path, 'text'), { code: 'EISDIR' });
    assert.deepEqual(await readdir(folder), ['file']);
  });

  it('is written to where it is a device', async () => {
    await writePrivately('/dev/null', 'text');
    assert.ok((await stat('/dev/null')).isCharacterDevice());
  });
});
