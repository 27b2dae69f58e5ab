import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { pbkdf2 } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { groupLives, startOf } from '../../../../builder/dib/process-group.ts';
import { ProcessRunner } from '../../../../builder/dib/process-runner.ts';
import { systemClock } from '../../../../shared/base/clock.ts';
import { hasCode, NodepoolError } from '../../../../shared/base/errors.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import { eventually } from '../../../support/eventually.ts';

describe('builds as processes', () => {
  let folder: string;
  let runner: ProcessRunner;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'process-runner-'));
    runner = new ProcessRunner({
      ...{ clock: systemClock, log: silentLogger, folder, graceMs: 200 },
      environment: { PATH: process.env.PATH, BEFORE: 'ours', BOTH: 'ours' },
    });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const run = (script: string, signal = new AbortController().signal): Promise<number> =>
    runner.run(
      {
        ...{ words: ['bash', '-c', script], environment: { BOTH: 'theirs' } },
        ...{ key: { image: 'i', build: 'b1' }, logPath: join(folder, 'log') },
      },
      signal,
    );
  const log = (): Promise<string> => readFile(join(folder, 'log'), 'utf8');

  it('answer with the exit code, and log both streams', async () => {
    await writeFile(join(folder, 'log'), 'before\n');
    assert.equal(await run('echo $BEFORE $BOTH; echo err >&2; exit 3'), 3);
    assert.equal(await log(), 'before\nours theirs\nerr\n');
    assert.deepEqual(await readdir(folder), ['log'], 'no note is left');
    assert.equal(await run('kill -9 $$'), -9);
  });

  it('are noticed to end even if they end at once, while files keep us waiting', async () => {
    // Node's threads, which work on files, have something else to do.
    const busy = setInterval(() => {
      for (let thread = 0; thread < 4; thread++)
        pbkdf2('a', 'b', 8000, 64, 'sha512', () => undefined);
    }, 25);
    try {
      for (let n = 0; n < 8; n++) assert.equal(await run('true'), 0);
    } finally {
      clearInterval(busy);
    }
  });

  it('say what could not be started', async () => {
    const job = {
      ...{ words: ['/nowhere/dib'], environment: {}, key: { image: 'i', build: 'b1' } },
      logPath: join(folder, 'log'),
    };
    await assert.rejects(
      runner.run(job, new AbortController().signal),
      (error: Error) => hasCode(error, 'NP_BUILD_RUNNER') && error.message.includes('/nowhere/dib'),
    );
  });

  it('end with all that they started, when they are told to, even if they do not want to', async () => {
    const controller = new AbortController();
    const running = run(
      'trap "" TERM; (trap "" TERM; sleep 1000) & echo $$; wait',
      controller.signal,
    );
    const failing = assert.rejects(running, /enough/);
    await eventually(async () => {
      assert.match(await log(), /\d/);
    });
    const group = Number(await log());
    assert.ok(await groupLives(group));
    controller.abort(new NodepoolError('NP_ABORTED', 'enough'));
    await failing;
    assert.ok(!(await groupLives(group)));
  });

  it('end what they left running in the background', async () => {
    assert.equal(await run('sleep 1000 & echo $$'), 0);
    assert.ok(!(await groupLives(Number(await log()))));
  });

  it('that a killed builder left are ended by the next one, and nobody else', async () => {
    const make = () =>
      spawn('bash', ['-c', 'sleep 1000; true'], { detached: true, stdio: 'ignore' });
    const [ours, other] = [make(), make()];
    const note = async (name: string, pid = 0, start = ''): Promise<void> =>
      writeFile(join(folder, `.build.${name}.json`), JSON.stringify({ pid, start }));
    await note('a', ours.pid, await startOf(ours.pid ?? 0));
    await note('b', other.pid, 'another time');
    await writeFile(join(folder, '.build.c.json'), 'nonsense');
    await runner.cleanUp();
    await eventually(() => ours.signalCode !== null);
    assert.ok(await groupLives(other.pid ?? 0));
    process.kill(-(other.pid ?? 0), 'SIGKILL');
    assert.deepEqual(await readdir(folder), []);
  });
});
