/**
 * Launchers before a whole Zuul: ours as it is shipped, and Python's, in one form. Both read the file
 * of the Zuul, one at a time.
 */
import assert from 'node:assert/strict';
import { startLauncher } from '../../../fixtures/launcher/start.ts';
import { run } from '../../../fixtures/processes/run.ts';
import { isRunning, patiently, type WholeZuul } from './whole-zuul.ts';

export type Kind = 'ours' | "Python's";

/** Python's first: what it does is the measure. */
export const KINDS: readonly Kind[] = ["Python's", 'ours'];

export interface AnyLauncher {
  /** The orderly way: SIGINT, which both kinds take as such. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** The end of its log. */
  tail(): Promise<string>;
}

export function start(
  zuul: WholeZuul,
  kind: Kind,
  environment: Readonly<Record<string, string>> = {},
): Promise<AnyLauncher> {
  return kind === 'ours' ? startOurs(zuul, environment) : startPythons(zuul);
}

async function startOurs(
  zuul: WholeZuul,
  environment: Readonly<Record<string, string>>,
): Promise<AnyLauncher> {
  const launcher = await startLauncher({
    workDir: zuul.folder,
    configPath: zuul.configPath,
    args: ['--no-webapp'],
    environment,
  });
  // One that cannot start would be waited for as long as builds may take.
  const early = launcher.ended.then(async () => {
    throw new Error(`our launcher ended:\n${await launcher.tail()}`);
  });
  const serving = patiently(async () => {
    assert.equal((await zuul.zookeeper.components('pool')).length, 1, 'pools that serve');
  });
  early.catch(() => undefined);
  await Promise.race([serving, early]);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (launcher.isRunning) launcher.kill(signal);
    await launcher.ended;
  };
  return { stop: () => end('SIGINT'), kill: () => end('SIGKILL'), tail: () => launcher.tail(60) };
}

async function startPythons(zuul: WholeZuul): Promise<AnyLauncher> {
  const output = await zuul.tool('launcher');
  const setting = (name: string): string =>
    new RegExp(`^${name}=(.*)$`, 'm').exec(output)?.[1] ?? '';
  const pid = Number(setting('LAUNCHER_PID'));
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (await isRunning(pid)) process.kill(pid, signal);
    await patiently(async () => !(await isRunning(pid)));
    await zuul.tool('launcher-stop');
  };
  return {
    stop: () => end('SIGINT'),
    kill: () => end('SIGKILL'),
    tail: () => run('tail', ['-n', '60', setting('LAUNCHER_LOG')]),
  };
}
