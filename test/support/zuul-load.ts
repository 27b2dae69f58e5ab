/**
 * Zuul's own classes as load: `zuul-load.py` of the shared tools. It checks every node that it is
 * handed; its exit code is the verdict.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { endWithUs } from '../../fixtures/processes/reaper.ts';
import type { Peers } from './peers.ts';

/** Fields of the result that tests look at; the tool's help names all. */
export interface LoadResult {
  readonly submitted: number;
  readonly fulfilled: number;
  readonly failed: number;
  readonly lost: number;
  readonly nodes: number;
  readonly violations: number;
  readonly violation_samples: readonly string[];
  readonly drain_seconds: number | null;
}

export interface RunningLoad {
  /** Resolves just before the first request. */
  readonly begun: Promise<void>;
  /** Rejects if it printed no result. */
  readonly result: Promise<LoadResult & { readonly code: number | null }>;
}

/** `args` as of `zuul-load.py run`. */
export function startZuulLoad(peers: Peers, args: readonly string[]): RunningLoad {
  const program = join(peers.tools, 'zuul-load.py');
  const child = spawn(peers.zuulPython, [program, 'run', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithUs(child);
  let output = '';
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const begun = new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('"start"')) resolve();
    });
    ended.then(() => {
      reject(new Error(`no request was made:\n${output}\n${complaints}`));
    }, reject);
  });
  begun.catch(() => undefined);
  const result = ended.then((code) => {
    const line = output.trimEnd().split('\n').at(-1) ?? '';
    if (!line.includes('"violations"')) throw new Error(`no result:\n${output}\n${complaints}`);
    return { ...(JSON.parse(line) as LoadResult), code };
  });
  result.catch(() => undefined);
  return { begun, result };
}
