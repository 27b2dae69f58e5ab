/**
 * The thread of parse.ts: parses at once, then hands out one portion, and another one for each message.
 */
import { parentPort, workerData } from 'node:worker_threads';

import { parseConfig } from '../parse.ts';
import type { ParseOptions } from '../parse.ts';
import { InvalidConfigError } from '../problem.ts';
import { portionsOf } from './portions.ts';
import type { Portion } from './portions.ts';

function* portions(options: ParseOptions): Generator<Portion> {
  try {
    yield* portionsOf(parseConfig(options));
  } catch (error) {
    if (!(error instanceof InvalidConfigError)) throw error;
    const { code, problems, digest } = error;
    yield { kind: 'refused', code, problems, digest };
  }
}

const all = portions(workerData as ParseOptions);

function send(): void {
  const next = all.next();
  if (next.done !== true) parentPort?.postMessage(next.value);
}

parentPort?.on('message', send);
send();
