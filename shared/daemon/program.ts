/**
 * A daemon's process around what it does: arguments, log, signals, exit code.
 *
 * SIGTERM, SIGINT, SIGUSR1: stop in order; a second one ends at once. SIGHUP: read the configuration
 * again. SIGUSR2: log what is going on. Exit codes: 0 stopped in order, 1 cannot start or go on,
 * 2 wrong arguments.
 */
import { homedir } from 'node:os';

import { messageOf, NodepoolError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { packageVersion } from '../base/version.ts';
import type { DaemonName, DaemonOptions } from '../config/daemon/arguments.ts';
import { startDaemon } from '../config/daemon/start.ts';
import type { LoadResult } from '../config/load.ts';
import { createLogger, type Log } from '../telemetry/log.ts';
import { readLogConfig } from '../telemetry/log-config.ts';

export interface ProgramRun {
  readonly options: DaemonOptions;
  readonly loaded: LoadResult;
  readonly log: Logger;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborts when the process is asked to stop. */
  readonly stop: AbortSignal;
  /** Calls back on SIGHUP and SIGUSR2; the answer ends it. */
  readonly onReload: (listener: () => void) => () => void;
  readonly onDump: (listener: () => void) => () => void;
}

export interface Program {
  readonly daemon: DaemonName;
  /** Where it logs in the background. */
  readonly logFile: string;
  /** Before anything is loaded that matters. */
  readonly prepare?: () => void;
  /** Resolves when all is given back; rejects where it cannot start or go on. */
  readonly run: (run: ProgramRun) => Promise<void>;
}

type Started = Extract<Awaited<ReturnType<typeof startDaemon>>, { kind: 'run' }>;

/** Ends the process. */
export async function runProgram(program: Program): Promise<void> {
  try {
    process.exitCode = await start(program);
  } catch (error) {
    process.stderr.write(`nodepool-${program.daemon}: ${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}

async function start(program: Program): Promise<number> {
  const started = await startDaemon({
    daemon: program.daemon,
    args: process.argv.slice(2),
    home: homedir(),
    cwd: process.cwd(),
    version: packageVersion(),
    command: [process.execPath, ...process.execArgv, process.argv[1] ?? ''],
    environment: process.env,
    pid: process.pid,
  });
  if (started.kind === 'exit') {
    const output = started.code === 0 ? process.stdout : process.stderr;
    if (started.text !== '') output.write(`${started.text}\n`);
    return started.code;
  }
  program.prepare?.();
  const code = await run(program, started);
  started.release();
  // A timer that nobody needs any more shall not keep the process; all output is written.
  process.exit(code);
}

async function run(program: Program, { options, loaded }: Started): Promise<number> {
  const log = await openLog(program, options, loaded);
  const logger = log.logger.named(`nodepool.${program.daemon}`);
  const stop = stopSignal();
  try {
    for (const warning of loaded.warnings) {
      logger.warn('configuration is questionable', { problem: warning.message });
    }
    await program.run({
      ...{ options, loaded, log: log.logger, environment: process.env, stop },
      onReload: (listener) => onSignal('SIGHUP', listener),
      onDump: (listener) => onSignal('SIGUSR2', listener),
    });
    return 0;
  } catch (error) {
    logger.error(`the ${program.daemon} ends`, { error });
    return 1;
  } finally {
    await log.close();
  }
}

async function openLog(
  { logFile }: Program,
  options: DaemonOptions,
  loaded: LoadResult,
): Promise<Log> {
  if (options.logConfigPath !== undefined) {
    const { warnings, ...settings } = await readLogConfig(options.logConfigPath);
    const log = createLogger(settings);
    for (const warning of warnings) log.logger.warn('log configuration', { warning });
    return log;
  }
  return createLogger({
    format: loaded.config.extensions.log.format,
    level: options.mode === 'debug' ? 'debug' : 'info',
    destination: options.mode === 'detached' ? { file: logFile } : 'stdout',
  });
}

function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT', 'SIGUSR1'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(1);
      controller.abort(new NodepoolError('NP_ABORTED', `${name} received`));
    });
  }
  return controller.signal;
}

function onSignal(name: NodeJS.Signals, listener: () => void): () => void {
  process.on(name, listener);
  return () => process.off(name, listener);
}
