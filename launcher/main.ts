#!/usr/bin/env node
/**
 * `nodepool-launcher`: reads its arguments, builds the object graph, runs until a signal.
 *
 * SIGTERM, SIGINT, SIGUSR1: stop in order. SIGHUP: read the configuration again. SIGUSR2: log what is
 * going on. Exit codes: 0 stopped in order, 1 could not start, 2 wrong arguments.
 */
import { hostname } from 'node:os';

import type { Config } from '../schemas/config/model.ts';
import { systemClock } from '../shared/base/clock.ts';
import { packageVersion } from '../shared/base/version.ts';
import { loadConfig } from '../shared/config/load.ts';
import { loadDriver } from '../shared/drivers/registry.ts';
import { createLogger } from '../shared/telemetry/log.ts';
import { metricsFromEnvironment } from '../shared/telemetry/metrics.ts';
import { ZooKeeperClient } from '../shared/zookeeper/client.ts';
import { Launcher } from './launcher.ts';

const args = process.argv.slice(2);
const option = (name: string): string | undefined => {
  const index = args.indexOf(name);
  return index < 0 ? undefined : args[index + 1];
};

const { config } = await loadConfig({
  path: option('-c') ?? '/etc/nodepool/nodepool.yaml',
  securePath: option('-s'),
  environment: process.env,
});
const log = createLogger({
  format: config.extensions.log.format,
  level: args.includes('-d') ? 'debug' : 'info',
});
const client = new ZooKeeperClient({
  connectString: connectString(config),
  sessionTimeoutMs: config.zookeeper.timeoutSeconds * 1000,
  tls: config.zookeeper.tls && {
    ...config.zookeeper.tls,
    verifyHostname: config.extensions.zookeeper.verifyHostname,
  },
  log: log.logger.named('nodepool.zk.ZooKeeperClient'),
});
const starting = new AbortController();
await client.start(starting.signal);
const launcher = new Launcher({
  client,
  config,
  clock: systemClock,
  random: Math.random,
  log: log.logger,
  metrics: metricsFromEnvironment(process.env, { clock: systemClock, log: log.logger }),
  hostname: hostname(),
  version: packageVersion(),
  environment: process.env,
  loadDriver,
});
await launcher.start(starting.signal);
let isStopping = false;
for (const name of ['SIGTERM', 'SIGINT', 'SIGUSR1'] as const) {
  process.on(name, () => {
    if (isStopping) return;
    isStopping = true;
    void launcher
      .stop(config.extensions.stopGraceSeconds * 1000)
      .then(() => client.close())
      .then(() => log.close())
      .then(() => process.exit(0));
  });
}

function connectString(from: Config): string {
  return from.zookeeper.servers
    .map(
      ({ host, port, chroot }) =>
        `${host.includes(':') ? `[${host}]` : host}:${port}${chroot ?? ''}`,
    )
    .join(',');
}
