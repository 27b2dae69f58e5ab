/**
 * The thread of parse.ts: parses, then hands out one portion, and another one for each message.
 */
import { parentPort, workerData } from 'node:worker_threads';

import { parseWithOutside } from '../parse.ts';
import type { ParseOptions } from '../parse.ts';
import { InvalidConfigError } from '../problem.ts';
import { portionsOf } from './portions.ts';
import type { Portion } from './portions.ts';

async function* portions(options: ParseOptions): AsyncGenerator<Portion> {
  try {
    yield* portionsOf(await parseWithOutside(options));
  } catch (error) {
    if (!(error instanceof InvalidConfigError)) throw error;
    const { code, problems, digest } = error;
    yield { kind: 'refused', code, problems, digest };
  }
}

const all = portions(workerData as ParseOptions);

async function send(): Promise<void> {
  const next = await all.next();
  if (next.done !== true) parentPort?.postMessage(next.value);
}

// What is thrown ends the thread, and comes out as a file that cannot be read.
parentPort?.on('message', () => void send());
await send();
