import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runHook } from '../../../../builder/upload/hook.ts';
import { hasCode } from '../../../../shared/base/errors.ts';
import { silentLogger, type Logger } from '../../../../shared/base/log.ts';

describe('post-upload-hook', () => {
  let folder: string;
  let said: unknown[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hook-'));
    said = [];
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function run(script: string, path = join(folder, 'hook')): Promise<void> {
    await writeFile(join(folder, 'hook'), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, 'hook'), 0o755);
    const log: Logger = {
      ...silentLogger,
      info: (_, fields) => {
        said.push(fields?.output);
      },
    };
    const call = { hook: path, provider: 'cloud', externalId: 'id-1', file: '/f.raw' };
    await runHook(call, log, new AbortController().signal);
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
});
