/**
 * A launcher inside the test's process: the object graph of the daemon with its own session, its own
 * configuration file and its own fake clouds, which the test can steer. Many of them may share one
 * ZooKeeper. What only a process has (signals, arguments, being killed) is not here: start.ts of
 * fixtures/launcher is for that.
 */
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../shared/base/clock.ts';
import { NodepoolError } from '../../shared/base/errors.ts';
import type { LogFields, Logger } from '../../shared/base/log.ts';
import { Launcher } from '../../launcher/launcher.ts';
import { ConfigWatcher } from '../../shared/config/watch.ts';
import { loadConfig } from '../../shared/config/load.ts';
import type { FakeCloud } from '../../shared/drivers/fake/cloud.ts';
import { createFakeDriver } from '../../shared/drivers/fake/driver.ts';
// Under mocha a module that is imported at run time is another copy, with error classes of its own.
import { driver as metastatic } from '../../shared/drivers/metastatic/driver.ts';
import type { Driver } from '../../shared/drivers/driver.ts';
import { loadDriver } from '../../shared/drivers/registry.ts';
import { noMetrics, type Metrics } from '../../shared/telemetry/metrics.ts';
import { ZooKeeperClient } from '../../shared/zookeeper/client.ts';

/** JSON is YAML, so a file's sections may be written as objects; a text is taken as it is. */
export type ConfigSections = Readonly<Record<string, unknown>> | string;

export interface InProcessOptions {
  /** `host:port/chroot`. */
  readonly connectString: string;
  readonly config: ConfigSections;
  readonly environment?: Readonly<Record<string, string>>;
  readonly hostname?: string;
  /** Milliseconds, default 4,000. */
  readonly sessionTimeoutMs?: number;
  /** Closed by who gives it. Default: nowhere. */
  readonly metrics?: Metrics;
  /** Instead of the shipped drivers, `fake` among them. */
  readonly drivers?: Readonly<Record<string, Driver>>;
}

export interface InProcessLauncher {
  readonly launcher: Launcher;
  readonly client: ZooKeeperClient;
  /** Log lines: level, message and fields as JSON. */
  readonly lines: readonly string[];
  /** The cloud behind a provider of driver `fake`; throws while there is none. */
  cloud(provider: string): FakeCloud;
  /** Replaces the configuration file, as an operator does. */
  rewrite(config: ConfigSections): Promise<void>;
  /** In order, as on SIGTERM. */
  stop(graceMs?: number): Promise<void>;
}

const START_MS = 20_000;

export async function launchInProcess(options: InProcessOptions): Promise<InProcessLauncher> {
  const folder = await mkdtemp(join(tmpdir(), 'nodepool-in-process-'));
  const path = join(folder, 'nodepool.yaml');
  const { environment = {}, connectString } = options;
  await writeFile(path, textOf(options.config, connectString));
  const loaded = await loadConfig({ path, environment });
  const lines: string[] = [];
  const log = collectingLogger(lines);
  const fake = createFakeDriver();
  const client = new ZooKeeperClient({
    connectString,
    sessionTimeoutMs: options.sessionTimeoutMs ?? 4_000,
    log,
  });
  const launcher = new Launcher({
    client,
    config: loaded.config,
    clock: systemClock,
    random: Math.random,
    log,
    metrics: options.metrics ?? noMetrics,
    hostname: options.hostname ?? 'launcher-host',
    version: '0.0.0-test',
    environment,
    loadDriver: (provider) => {
      const given: Readonly<Record<string, Driver>> = { fake, metastatic, ...options.drivers };
      const driver = given[provider.driver];
      return driver ? Promise.resolve(driver) : loadDriver(provider);
    },
  });
  const watcher = new ConfigWatcher({ path, environment, clock: systemClock, log }, loaded);
  watcher.onChange(({ config }) => {
    launcher.reconfigure(config);
  });
  const signal = AbortSignal.timeout(START_MS);
  await client.start(signal);
  await client.ensurePath('/');
  await launcher.start(signal);
  watcher.start();
  let isStopped = false;
  return {
    launcher,
    client,
    lines,
    cloud(provider) {
      const cloud = fake.cloudOf(provider);
      if (cloud === undefined) throw new Error(`provider ${provider} has not been started`);
      return cloud;
    },
    async rewrite(config) {
      await writeFile(`${path}.new`, textOf(config, connectString));
      await rename(`${path}.new`, path);
    },
    async stop(graceMs = 10_000) {
      if (isStopped) return;
      isStopped = true;
      await watcher.close();
      await launcher.stop(graceMs);
      await client.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function textOf(config: ConfigSections, connectString: string): string {
  if (typeof config === 'string') return config;
  const [, host = '', port = ''] = /^([^:]*):(\d+)/.exec(connectString) ?? [];
  return JSON.stringify(
    { 'zookeeper-servers': [{ host, port: Number(port) }], ...config },
    undefined,
    2,
  );
}

export function collectingLogger(lines: string[]): Logger {
  const make = (bound: LogFields): Logger => {
    const at =
      (level: string) =>
      (message: string, fields: LogFields = {}): void => {
        const all = { ...bound, ...fields };
        lines.push(`${level} ${message} ${JSON.stringify(all, showErrors)}`);
      };
    return {
      debug: at('DEBUG'),
      info: at('INFO'),
      warn: at('WARNING'),
      error: at('ERROR'),
      with: (fields) => make({ ...bound, ...fields }),
      named: () => make(bound),
    };
  };
  return make({});
}

function showErrors(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString(16);
  if (!(value instanceof Error)) return value;
  const hint = value instanceof NodepoolError && value.hint !== undefined ? value.hint : '';
  return `${value.stack ?? value.message}${hint === '' ? '' : `\nhint: ${hint}`}`;
}
