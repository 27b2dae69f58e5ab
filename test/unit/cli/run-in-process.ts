/** `nodepool` in this process, on a clock that stands still. */
import { ManualClock } from '../../../fixtures/clock.ts';
import { runCli } from '../../../shared/cli/run.ts';

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function run(...args: string[]): Promise<Run> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli({
    args,
    version: '1.2.3',
    environment: {},
    hostname: 'host',
    clock: new ManualClock(),
    signal: new AbortController().signal,
    print: (line) => out.push(line),
    warn: (line) => err.push(line),
    write: (bytes) => {
      out.push(Buffer.from(bytes).toString());
      return Promise.resolve();
    },
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}
