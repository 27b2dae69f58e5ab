/**
 * The launcher's process: configuration, ZooKeeper, web server and signals around a `Launcher`.
 *
 * A stop comes in order: registrations back, no new requests, running launches get `stop-grace`
 * seconds, the session is closed. A second signal ends it at once.
 */
import { hostname } from 'node:os';

import type { Config, ProviderConfig } from '../schemas/config/model.ts';
import { systemClock } from '../shared/base/clock.ts';
import { boundGarbage } from '../shared/base/garbage.ts';
import { packageVersion } from '../shared/base/version.ts';
import { follow } from '../shared/daemon/follow.ts';
import type { ProgramRun } from '../shared/daemon/program.ts';
import { untilStopped } from '../shared/daemon/until-stopped.ts';
import { clientFor } from '../shared/daemon/zookeeper.ts';
import { loadDriver } from '../shared/drivers/registry.ts';
import { MetricsFan } from '../shared/telemetry/metrics.ts';
import { metricsFromEnvironment } from '../shared/telemetry/statsd.ts';
import type { WebServer } from '../shared/web/app.ts';
import type { Launcher } from './launcher.ts';
import type { LauncherMetricsOptions } from './telemetry/prometheus.ts';
import { startTraces } from './tracing/start.ts';

/** Runs until `stop` aborts; resolves when all is given back. */
export async function runDaemon(run: ProgramRun): Promise<void> {
  const { log, loaded, environment, stop, options } = run;
  const { config } = loaded;
  const client = clientFor(config, log);
  const statsd = metricsFromEnvironment(environment, { clock: systemClock, log });
  const metrics = new MetricsFan(statsd);
  // The rest of the program is loaded while the first connection is made. A server takes its time for
  // that, so it is asked first.
  const connecting = client.start(stop);
  // Awaited below; until then its failure waits, too.
  connecting.catch(() => undefined);
  await Promise.race([client.dialled, connecting]).catch(() => undefined);
  const [{ Launcher }] = await Promise.all([
    import('./launcher.ts'),
    ...driversOf(config).map((one) => loadDriver(one).catch(() => undefined)),
  ]);
  boundGarbage();
  const launcher = new Launcher({
    client,
    config,
    clock: systemClock,
    random: Math.random,
    log,
    metrics,
    hostname: hostname(),
    version: packageVersion(),
    environment,
    loadDriver,
  });
  const endTraces = await startTraces(environment, launcher, {
    ...{ hostname: hostname(), version: packageVersion(), clock: systemClock, log },
  });
  const following = follow(run, client, launcher);
  let web: WebServer | undefined;
  try {
    web = options.hasWebapp ? await startWebServer(run, launcher, { client, metrics }) : undefined;
    await connecting;
    await launcher.start(stop);
    following.start();
    await untilStopped(stop);
  } catch (error) {
    if (!stop.aborted) throw error;
  } finally {
    log.info('stopping');
    await following.close();
    await launcher.stop(following.config.extensions.stopGraceSeconds * 1000);
    await client.close();
    await web?.close();
    await metrics.close();
    await endTraces();
    following.endSignals();
    log.info('stopped');
  }
}

/** Loaded only where it is wanted: the server costs memory and time. */
async function startWebServer(
  run: ProgramRun,
  launcher: Launcher,
  parts: Pick<LauncherMetricsOptions, 'client' | 'metrics'>,
): Promise<WebServer> {
  const { environment, log } = run;
  const { webapp } = run.loaded.config;
  const [{ startWeb }, { webSource }, { launcherMetrics }] = await Promise.all([
    import('../shared/web/server.ts'),
    import('./web-source.ts'),
    import('./telemetry/prometheus.ts'),
  ]);
  const told = launcherMetrics({ launcher, ...parts, clock: systemClock });
  const web = await startWeb({
    address: webapp.listenAddress,
    port: webapp.port,
    source: webSource(launcher),
    metrics: told.page,
    adminToken: {
      file: () => launcher.config.extensions.web.adminTokenFile,
      fromEnvironment: environment.NODEPOOL_ADMIN_TOKEN,
    },
    clock: systemClock,
    log: log.named('nodepool.WebApp'),
  });
  const close = async (): Promise<void> => {
    told.close();
    await web.close();
  };
  return { ...web, close };
}

/** One that cannot be loaded fails again, and is reported, when its provider starts. */
function driversOf(config: Config): readonly ProviderConfig[] {
  const providers = [...config.providers.values()];
  return [...new Map(providers.map((provider) => [provider.driver, provider])).values()];
}
