/**
 * `post-upload-hook`: a program that is told of each upload, with the provider's name, the image's id
 * in the cloud, and the file. If it does not end well, the upload has failed.
 *
 * Facts: nodepool/builder.py, UploadWorker. Unlike there, it must end within ten minutes.
 */
import { execFile } from 'node:child_process';

import { messageOf, NodepoolError } from '../../shared/base/errors.ts';
import type { Logger } from '../../shared/base/log.ts';

const TIMEOUT_MS = 600_000;
/** Of what it says, for the log. */
const MOST_OUTPUT = 1 << 20;
const MOST_LOGGED = 10_000;

export interface HookCall {
  readonly hook: string;
  readonly provider: string;
  readonly externalId: string;
  readonly file: string;
}

/** @throws NodepoolError NP_UPLOAD_HOOK if it fails, or cannot be started. */
export async function runHook(call: HookCall, log: Logger, signal: AbortSignal): Promise<void> {
  const { hook, provider, externalId, file } = call;
  const options = { signal, timeout: TIMEOUT_MS, maxBuffer: MOST_OUTPUT };
  const { error, output } = await new Promise<{ error: Error | null; output: string }>(
    (resolve) => {
      execFile(hook, [provider, externalId, file], options, (failure, stdout, stderr) => {
        resolve({ error: failure, output: `${stdout}${stderr}`.slice(-MOST_LOGGED) });
      });
    },
  );
  if (output !== '') log.info('post-upload-hook says', { provider, hook, output });
  if (error === null) return;
  const text = `provider ${provider}: post-upload-hook ${hook}: ${messageOf(error)}`;
  throw new NodepoolError('NP_UPLOAD_HOOK', text, { cause: error });
}
