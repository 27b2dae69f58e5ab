/**
 * `parseWithOutside` beside the event loop: in a thread of its own, which is made for one parsing.
 *
 * The answer comes in portions, each fetched when the one before has been taken over. Whatever ends
 * the thread (no memory, a limit of the system, a defect) comes out as a file that cannot be read.
 */
import { on } from 'node:events';
import { Worker } from 'node:worker_threads';

import type { Config } from '../../../schemas/config/model.ts';
import { messageOf } from '../../base/errors.ts';
import { isBuilt, programFile } from '../../base/program-files.ts';
import { throwIfAborted } from '../../base/wait.ts';
import { parseWithOutside, unreadable } from '../parse.ts';
import type { ParseOptions, ParseResult } from '../parse.ts';
import { InvalidConfigError } from '../problem.ts';
import { Assembly } from './portions.ts';
import type { Portion } from './portions.ts';

export interface AsideOptions {
  readonly signal?: AbortSignal | undefined;
  /** The configuration in force: see `Assembly`. */
  readonly previous?: Config | undefined;
  /** For tests: another program for the thread. */
  readonly program?: URL;
}

/** The largest file that was tried, 10 MB, takes a tenth of it. */
const DEADLINE_MS = 120_000;

/** Not everything that runs the sources does so in threads, too: there it is parsed at once. */
const PROGRAM = isBuilt ? programFile('shared/config/aside/thread.js') : undefined;

/** Rejects with an `InvalidConfigError`, or with the signal's reason. */
export async function parseAside(
  options: ParseOptions,
  { signal, previous, program = PROGRAM }: AsideOptions = {},
): Promise<ParseResult> {
  throwIfAborted(signal);
  if (program === undefined) return await parseWithOutside(options);
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  const end = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
  // The environment may be no plain object, and only those could be cloned.
  const workerData = { ...options, environment: { ...options.environment } };
  let worker: Worker | undefined;
  try {
    worker = new Worker(program, { workerData, name: 'configuration' });
    return await receive(worker, new Assembly(previous), end);
  } catch (error) {
    throwIfAborted(signal);
    if (error instanceof InvalidConfigError) throw error;
    const reason = deadline.aborted ? 'it takes too long' : messageOf(error);
    throw unreadable([{ path: options.path, reason }]);
  } finally {
    await worker?.terminate();
  }
}

async function receive(
  worker: Worker,
  assembly: Assembly,
  signal: AbortSignal,
): Promise<ParseResult> {
  const messages = on(worker, 'message', { close: ['exit'], signal });
  for await (const [portion] of messages as AsyncIterable<[Portion]>) {
    const whole = assembly.add(portion);
    if (whole !== undefined) return whole;
    worker.postMessage('next');
  }
  throw new Error('the thread that reads it ended');
}
