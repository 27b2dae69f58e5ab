import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { groupLives } from '../../../../builder/dib/process-group.ts';
import { runHook } from '../../../../builder/upload/hook.ts';
import { systemClock } from '../../../../shared/base/clock.ts';
import { hasCode, NodepoolError } from '../../../../shared/base/errors.ts';
import { silentLogger, type Logger } from '../../../../shared/base/log.ts';
import { eventually } from '../../../support/eventually.ts';

describe('post-upload-hook', () => {
  let folder: string;
  let said: unknown[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hook-'));
    said = [];
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const never = new AbortController().signal;

  async function run(script: string, path = join(folder, 'hook'), signal = never): Promise<void> {
    await writeFile(join(folder, 'hook'), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, 'hook'), 0o755);
    const log: Logger = {
      ...silentLogger,
      info: (_, fields) => {
        said.push(fields?.output);
      },
    };
    const call = { hook: path, provider: 'cloud', externalId: 'id-1', file: '/f.raw' };
    await runHook(call, { clock: systemClock, log }, signal);
  }

  it('is told provider, id and file, without a shell in between; what it says is logged', async () => {
    await run('echo "$@"; echo err >&2');
    assert.deepEqual(said, ['cloud id-1 /f.raw\nerr\n']);
  });

  it('fails the upload where it fails, or is not there', async () => {
    const isHookError = (error: unknown): boolean => hasCode(error, 'NP_UPLOAD_HOOK');
    await assert.rejects(run('echo no; exit 3'), isHookError);
    assert.deepEqual(said, ['no\n']);
    await assert.rejects(run('', join(folder, 'nowhere')), isHookError);
  });

  it('is ended with all that it has started, when the upload is', async () => {
    const controller = new AbortController();
    const enough = new NodepoolError('NP_ABORTED', 'enough');
    // The shell waits for a child that holds the output.
    const running = run(
      `echo "$$" > ${folder}/pid; sleep 1000; true`,
      undefined,
      controller.signal,
    );
    const failing = assert.rejects(running, enough);
    const group = await eventuallyRead(join(folder, 'pid'));
    controller.abort(enough);
    await failing;
    assert.equal(await groupLives(Number(group)), false);
  });

  it('does not hold the upload up with what it leaves in the background', async () => {
    await run(`echo on; sleep 1000 & echo "$!" > ${folder}/pid`);
    assert.deepEqual(said, ['on\n']);
    process.kill(Number(await eventuallyRead(join(folder, 'pid'))), 'SIGKILL');
  });
});

/** What a program writes into a file, whole. */
async function eventuallyRead(path: string): Promise<string> {
  let text = '';
  await eventually(async () => {
    text = await readFile(path, 'utf8');
    return text.endsWith('\n');
  });
  return text;
}
