import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { LogProgresses, type LogProgress } from '../../../../builder/web/log-progress.ts';

const KEY = { image: 'debian', build: '0123456789abcdef0123456789abcdef' };

describe('how far a running build is', () => {
  let folder: string;
  let path: string;
  let progresses: LogProgresses;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'log-progress-'));
    path = join(folder, `debian-${KEY.build}.log`);
    progresses = new LogProgresses(folder);
  });
  afterEach(() => rm(folder, { recursive: true }));

  const look = async (): Promise<LogProgress | undefined> => (await progresses.of([KEY]))[0];

  it('is nothing before there is a log', async () => {
    assert.deepEqual(await look(), { sizeBytes: 0, step: undefined });
  });

  it('is the script that runs, read on from look to look', async () => {
    await writeFile(path, 'Copying hooks /e/vm/install.d/50-boot\n');
    assert.equal((await look())?.step, undefined);
    await appendFile(path, 'dib-run-parts Running /tmp/x/install.d/50-boot\nümlaut \xff');
    const step = { element: 'vm', phase: 'install.d', script: '50-boot' };
    assert.deepEqual((await look())?.step, step);
    await appendFile(path, '\ndib-run-parts 50-bo');
    assert.deepEqual((await look())?.step, step, 'a line that is not whole says nothing');
    await appendFile(path, 'ot completed\n');
    const [one, two] = await Promise.all([look(), look()]);
    assert.deepEqual([one?.step, two?.step], [undefined, undefined]);
    assert.ok((one?.sizeBytes ?? 0) > 100);
    assert.deepEqual(one, two);
  });

  it('begins anew for a build that it was not asked for meanwhile', async () => {
    await writeFile(path, 'dib-run-parts Running /tmp/x/install.d/50-boot\n');
    await look();
    assert.deepEqual(await progresses.of([]), []);
    await writeFile(path, 'dib-run-parts Running /tmp/x/root.d/10-base\n');
    assert.equal((await look())?.step?.phase, 'root.d');
  });

  it('bears lines without an end', async () => {
    await writeFile(path, 'x'.repeat(1_000_000));
    await appendFile(path, `${'x'.repeat(100_000)}\ndib-run-parts Running /t/root.d/10-base\n`);
    assert.equal((await look())?.step?.script, '10-base');
  });
});
