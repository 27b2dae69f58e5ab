/** `nodepool drain` as somebody types it beside launchers of a test. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { systemClock } from '../../shared/base/clock.ts';
import { runCli } from '../../shared/cli/run.ts';

export interface DrainRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A run that is under way, with what it has printed so far. */
export interface RunningDrain {
  readonly lines: readonly string[];
  readonly ended: Promise<DrainRun>;
}

/** `connectString`: `host:port/chroot`. */
export async function startDrain(
  connectString: string,
  ...args: readonly string[]
): Promise<RunningDrain> {
  const folder = await mkdtemp(join(tmpdir(), 'nodepool-drain-'));
  const path = join(folder, 'nodepool.yaml');
  const [, host = '', port = '', chroot = ''] = /^([^:]*):(\d+)(.*)$/.exec(connectString) ?? [];
  const server = { host, port: Number(port), ...(chroot === '' ? {} : { chroot }) };
  await writeFile(path, JSON.stringify({ 'zookeeper-servers': [server] }));
  const lines: string[] = [];
  const err: string[] = [];
  const ended = runCli({
    args: ['-c', path, 'drain', ...args],
    ...{ version: '1', environment: { USER: 'tester' }, hostname: 'desk', clock: systemClock },
    signal: AbortSignal.timeout(60_000),
    print: (line) => lines.push(line),
    warn: (line) => err.push(line),
    write: () => Promise.resolve(),
    ask: () => Promise.resolve(undefined),
  })
    .then((code) => ({ code, out: lines.join('\n'), err: err.join('\n') }))
    .finally(() => rm(folder, { recursive: true }));
  return { lines, ended };
}

export async function drainCli(
  connectString: string,
  ...args: readonly string[]
): Promise<DrainRun> {
  return (await startDrain(connectString, ...args)).ended;
}
