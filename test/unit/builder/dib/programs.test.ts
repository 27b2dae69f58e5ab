import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ManualClock } from '../../../../fixtures/clock.ts';
import { Programs } from '../../../../builder/dib/programs.ts';

describe('what a command runs', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'programs-'));
    await mkdir(join(root, 'venv/bin'), { recursive: true });
    await mkdir(packages('3.36.0'), { recursive: true });
    await writeFile(join(root, 'venv/bin/disk-image-create'), 'import it');
    await mkdir(join(root, 'bin'));
    await symlink('../venv/bin/disk-image-create', join(root, 'bin/disk-image-create'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const packages = (version: string): string =>
    join(root, `venv/lib/python3.11/site-packages/diskimage_builder-${version}.dist-info`);
  const place = (...command: string[]): Promise<string> =>
    new Programs(new ManualClock()).place(command, `/nowhere:${join(root, 'bin')}`);

  it('is the content of its programs and the version that is installed with them', async () => {
    const before = await place('disk-image-create', '-v');
    assert.match(before, /^programs disk-image-create [0-9a-f]{64} diskimage_builder-3\.36\.0/);
    await mkdir(packages('3.37.0'));
    assert.notEqual(await place('disk-image-create'), before);
    await rm(packages('3.37.0'), { recursive: true });
    assert.equal(await place('disk-image-create'), before);
    await writeFile(join(root, 'venv/bin/disk-image-create'), 'import that');
    assert.notEqual(await place('disk-image-create'), before);
  });

  it('is the same wherever they lie, and whatever starts them', async () => {
    const script = join(root, 'build.sh');
    await writeFile(script, 'disk-image-create "$@"\n');
    await cp(script, join(root, 'bin/build.sh'));
    for (const wrapper of ['sudo', 'bash', 'env']) await cp(script, join(root, 'bin', wrapper));
    const before = await place(script);
    assert.match(before, /build\.sh/);
    for (const command of [['sudo', '-E', 'bash', script], ['build.sh'], ['env', 'A=1', script]])
      assert.equal(await place(...command), before);
  });

  it('is nothing where there is none', async () => {
    assert.equal(await place('no-such-program', root), 'programs');
  });
});
