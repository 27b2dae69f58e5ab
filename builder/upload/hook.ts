/**
 * `post-upload-hook`: a program that is told of each upload, with the provider's name, the image's id
 * in the cloud, and the file. If it does not end well, the upload has failed.
 *
 * Facts: nodepool/builder.py, UploadWorker. Unlike there, it must end within ten minutes, and when it
 * does not, or the upload is ended, it ends with all that it has started: asked, then forced.
 */
import { spawn } from 'node:child_process';

import type { Clock } from '../../shared/base/clock.ts';
import { messageOf, NodepoolError } from '../../shared/base/errors.ts';
import type { Logger } from '../../shared/base/log.ts';
import { withDeadline } from '../../shared/base/wait.ts';
import { signalGroup } from '../dib/process-group.ts';

const TIMEOUT_MS = 600_000;
/** From SIGTERM to SIGKILL. */
const GRACE_MS = 5000;
/** For what it has said to arrive, when it has ended: what it left running may speak for ever. */
const LAST_WORDS_MS = 1000;
/** Of what it says, for the log: the end. */
const MOST_LOGGED = 10_000;

export interface HookCall {
  readonly hook: string;
  readonly provider: string;
  readonly externalId: string;
  readonly file: string;
}

export interface HookTools {
  readonly clock: Clock;
  readonly log: Logger;
}

/** @throws NodepoolError NP_UPLOAD_HOOK if it fails, or cannot be started; else the signal's reason. */
export async function runHook(
  call: HookCall,
  { clock, log }: HookTools,
  signal: AbortSignal,
): Promise<void> {
  const { hook, provider } = call;
  const words = `provider ${provider}: post-upload-hook ${hook}`;
  const error = (): Error =>
    new NodepoolError('NP_UPLOAD_HOOK', `${words}: not ended within ${TIMEOUT_MS / 1000} s`);
  const running = start(call);
  try {
    const problem = await withDeadline(
      { clock, ms: TIMEOUT_MS, signal, error },
      () => running.ended,
    );
    if (problem !== undefined) throw new NodepoolError('NP_UPLOAD_HOOK', `${words}: ${problem}`);
  } catch (cause) {
    await end(running, clock);
    throw cause;
  } finally {
    const output = await lastWords(running, clock);
    if (output !== '') log.info('post-upload-hook says', { provider, hook, output });
  }
}

interface RunningHook {
  /** Undefined: it was not started. */
  readonly pid: number | undefined;
  /** Resolves with what went wrong, if something did. */
  readonly ended: Promise<string | undefined>;
  /** Resolves when nobody can say anything more. */
  readonly silent: Promise<void>;
  /** Hears nothing more; answers what it has said. */
  readonly close: () => string;
}

function start({ hook, provider, externalId, file }: HookCall): RunningHook {
  const child = spawn(hook, [provider, externalId, file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output = `${output}${chunk.toString()}`.slice(-MOST_LOGGED);
    });
  const ended = new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => {
      resolve(messageOf(error));
    });
    child.once('exit', (code, by) => {
      if (code !== 0) resolve(code === null ? `ended by ${by ?? ''}` : `exit code ${code}`);
      else resolve(undefined);
    });
  });
  const silent = new Promise<void>((resolve) => {
    child.once('close', () => {
      resolve();
    });
  });
  const close = (): string => {
    child.stdout.destroy();
    child.stderr.destroy();
    return output;
  };
  return { pid: child.pid, ended, silent, close };
}

/** Resolves when it has ended. */
async function end({ pid, ended }: RunningHook, clock: Clock): Promise<void> {
  if (pid === undefined) return;
  signalGroup(pid, 'SIGTERM');
  const cancel = clock.after(GRACE_MS, () => {
    signalGroup(pid, 'SIGKILL');
  });
  await ended;
  cancel();
  // What it has started, and what did not want to end with it.
  signalGroup(pid, 'SIGKILL');
}

async function lastWords({ silent, close }: RunningHook, clock: Clock): Promise<string> {
  let cancel = (): void => undefined;
  const enough = new Promise<void>((resolve) => {
    cancel = clock.after(LAST_WORDS_MS, resolve);
  });
  await Promise.race([silent, enough]);
  cancel();
  return close();
}
