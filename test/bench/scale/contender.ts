/** A launcher under measurement, ours or Python's: its process, its time and memory, its packets. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { launcherProgram } from '../../../fixtures/launcher/start.ts';
import { startDaemon, type RunningDaemon } from '../../../fixtures/processes/daemon.ts';
import type { Peers } from '../../support/peers.ts';

export const contenders = ['ours', 'python'] as const;
export type ContenderName = (typeof contenders)[number];

export interface ContenderOptions {
  readonly name: ContenderName;
  readonly workDir: string;
  readonly configPath: string;
  readonly peers: Peers | undefined;
  /** Writes a profile of our launcher to the work folder when it ends. */
  readonly isProfiled: boolean;
}

export interface Contender {
  readonly name: ContenderName;
  readonly daemon: RunningDaemon;
  readonly startedMs: number;
  /** Where `loop-delay.js` writes; nothing is there for Python. */
  readonly loopFile: string;
  /** User and system time until now, in seconds. */
  cpuSeconds(): Promise<number>;
  /** Resident now and at most, in MiB. */
  memory(): Promise<{ now: number; most: number }>;
}

/** Of the kernel's clock in /proc: USER_HZ is 100 on all Linux systems that matter. */
const TICKS_A_SECOND = 100;

export async function startContender(options: ContenderOptions): Promise<Contender> {
  const loopFile = join(options.workDir, 'loop-delay.json');
  const startedMs = Date.now();
  const daemon =
    options.name === 'ours'
      ? await startOurs(options, loopFile)
      : await startPython(options, options.peers);
  return {
    name: options.name,
    daemon,
    startedMs,
    loopFile,
    cpuSeconds: async () => {
      const stat = await readFile(`/proc/${daemon.pid}/stat`, 'utf8');
      // The fields after the name, which may hold blanks: the first one is the third of all.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const ticks = fields.slice(11, 15).map(Number);
      return ticks.reduce((sum, value) => sum + value, 0) / TICKS_A_SECOND;
    },
    memory: async () => {
      const status = await readFile(`/proc/${daemon.pid}/status`, 'utf8');
      const mib = (name: string): number =>
        Math.round(Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0) / 102.4) /
        10;
      return { now: mib('VmRSS'), most: mib('VmHWM') };
    },
  };
}

function startOurs(options: ContenderOptions, loopFile: string): Promise<RunningDaemon> {
  const program = launcherProgram();
  if (program === undefined) throw new Error('the launcher is not built: npm run build');
  return startDaemon({
    program: process.execPath,
    args: [
      ...['--import', join(import.meta.dirname, 'loop-delay.js')],
      ...(options.isProfiled ? ['--cpu-prof', '--cpu-prof-dir', options.workDir] : []),
      ...[program, ...argumentsFor(options)],
    ],
    workDir: options.workDir,
    logPath: join(options.workDir, 'launcher.log'),
    environment: { NODEPOOL_BENCH_LOOP: loopFile },
  });
}

async function startPython(
  options: ContenderOptions,
  peers: Peers | undefined,
): Promise<RunningDaemon> {
  if (peers === undefined || !existsSync(peers.nodepoolPython))
    throw new Error('the shared tools are not there: set NODEPOOL_TOOLS to their folder');
  const clouds = join(options.workDir, 'clouds.yaml');
  const auth = { username: 'fake', password: 'fake', project_id: 'fake', auth_url: 'http://fake' };
  await writeFile(clouds, JSON.stringify({ clouds: { fake: { auth } } }));
  return startDaemon({
    program: peers.nodepoolPython,
    args: [join(peers.tools, 'nodepool-bench-launcher.py'), ...argumentsFor(options)],
    workDir: options.workDir,
    logPath: join(options.workDir, 'launcher.log'),
    environment: { OS_CLIENT_CONFIG_FILE: clouds, PYTHONPATH: '' },
  });
}

function argumentsFor({ workDir, configPath }: ContenderOptions): string[] {
  const secure = join(workDir, 'secure.yaml');
  return [
    ...['-f', '--no-webapp', '-c', configPath, '-s', secure],
    ...['-p', join(workDir, 'launcher.pid')],
  ];
}
