#!/usr/bin/env node
/**
 * `nodepool-launcher`: arguments, log, signals, exit code.
 *
 * SIGTERM, SIGINT, SIGUSR1: stop in order; a second one ends at once. SIGHUP: read the configuration
 * again. SIGUSR2: log what is going on. Exit codes: 0 stopped in order, 1 cannot start or go on,
 * 2 wrong arguments.
 */
import '../shared/base/early-signals.ts';

import { homedir } from 'node:os';

import { tuneEngine } from '../shared/base/engine.ts';
import { messageOf, NodepoolError } from '../shared/base/errors.ts';
import { packageVersion } from '../shared/base/version.ts';
import { startDaemon } from '../shared/config/daemon/start.ts';
import { createLogger, type Log } from '../shared/telemetry/log.ts';
import { readLogConfig } from '../shared/telemetry/log-config.ts';
import { runDaemon } from './daemon.ts';

const LOG_FILE = '/var/log/nodepool/nodepool.log';

type Started = Extract<Awaited<ReturnType<typeof startDaemon>>, { kind: 'run' }>;

async function main(): Promise<number> {
  const start = await startDaemon({
    daemon: 'launcher',
    args: process.argv.slice(2),
    home: homedir(),
    cwd: process.cwd(),
    version: packageVersion(),
    command: [process.execPath, ...process.execArgv, process.argv[1] ?? ''],
    environment: process.env,
    pid: process.pid,
  });
  if (start.kind === 'exit') {
    const output = start.code === 0 ? process.stdout : process.stderr;
    if (start.text !== '') output.write(`${start.text}\n`);
    return start.code;
  }
  tuneEngine();
  const code = await run(start);
  start.release();
  // A timer that nobody needs any more shall not keep the process; all output is written.
  process.exit(code);
}

async function run(start: Started): Promise<number> {
  const log = await openLog(start);
  const logger = log.logger.named('nodepool.launcher');
  const stop = stopSignal();
  try {
    for (const warning of start.loaded.warnings) {
      logger.warn('configuration is questionable', { problem: warning.message });
    }
    await runDaemon({
      configPath: start.options.configPath,
      securePath: start.options.securePath,
      hasWebapp: start.options.hasWebapp,
      loaded: start.loaded,
      log: log.logger,
      environment: process.env,
      stop,
      onReload: (listener) => onSignal('SIGHUP', listener),
      onDump: (listener) => onSignal('SIGUSR2', listener),
    });
    return 0;
  } catch (error) {
    logger.error('the launcher ends', { error });
    return 1;
  } finally {
    await log.close();
  }
}

async function openLog({ options, loaded }: Started): Promise<Log> {
  if (options.logConfigPath !== undefined) {
    const { warnings, ...settings } = await readLogConfig(options.logConfigPath);
    const log = createLogger(settings);
    for (const warning of warnings) log.logger.warn('log configuration', { warning });
    return log;
  }
  return createLogger({
    format: loaded.config.extensions.log.format,
    level: options.mode === 'debug' ? 'debug' : 'info',
    destination: options.mode === 'detached' ? { file: LOG_FILE } : 'stdout',
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

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`nodepool-launcher: ${messageOf(error)}\n`);
  process.exitCode = 1;
}
