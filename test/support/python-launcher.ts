/**
 * Python Nodepool's launcher as a process, for tests that compare with it or share a ZooKeeper with
 * it. python-launcher.py says what is set otherwise than by its options.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startDaemon, type RunningDaemon } from '../../fixtures/processes/daemon.ts';
import type { Peers } from './peers.ts';

export interface PythonLauncherOptions {
  readonly peers: Peers;
  /** Where the log goes (`python.log`), and the working directory. */
  readonly workDir: string;
  readonly configPath: string;
  /** The provider of driver `fake` whose servers never become active. Default: none. */
  readonly slowProvider?: string | undefined;
  /** The provider of driver `fake` whose servers cannot be deleted. Default: none. */
  readonly stuckProvider?: string | undefined;
  readonly environment?: Readonly<Record<string, string>>;
  /** Between rounds of upkeep, default 2. */
  readonly cleanupSeconds?: number;
}

/** Resolves when the process has been started; its pools register some seconds later. */
export async function startPythonLauncher(options: PythonLauncherOptions): Promise<RunningDaemon> {
  const { peers, workDir, configPath, cleanupSeconds = 2 } = options;
  return startDaemon({
    program: peers.nodepoolPython,
    args: [
      join(import.meta.dirname, 'python-launcher.py'),
      ...['-f', '--no-webapp', '-c', configPath, '-p', join(workDir, 'python.pid')],
    ],
    workDir,
    logPath: join(workDir, 'python.log'),
    environment: {
      ...(await pythonEnvironment(workDir)),
      CLEANUP_SECONDS: String(cleanupSeconds),
      SLOW_PROVIDER: options.slowProvider ?? '',
      STUCK_PROVIDER: options.stuckProvider ?? '',
      ...options.environment,
    },
  });
}

/** What Python Nodepool's programs need to read a configuration with driver `fake`. */
export async function pythonEnvironment(workDir: string): Promise<Record<string, string>> {
  const clouds = join(workDir, 'clouds.yaml');
  const auth = { username: 'fake', password: 'fake', project_id: 'fake', auth_url: 'http://fake' };
  await writeFile(clouds, JSON.stringify({ clouds: { fake: { auth } } }));
  return { OS_CLIENT_CONFIG_FILE: clouds };
}
