/**
 * The builder's process: configuration, ZooKeeper and signals around a `Builder`.
 */
import { mkdir } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Config } from '../schemas/config/model.ts';
import { systemClock } from '../shared/base/clock.ts';
import { ConfigError } from '../shared/base/errors.ts';
import type { Logger } from '../shared/base/log.ts';
import { programFile } from '../shared/base/program-files.ts';
import { packageVersion } from '../shared/base/version.ts';
import { follow } from '../shared/daemon/follow.ts';
import type { ProgramRun } from '../shared/daemon/program.ts';
import { untilStopped } from '../shared/daemon/until-stopped.ts';
import { clientFor } from '../shared/daemon/zookeeper.ts';
import { loadDriver } from '../shared/drivers/registry.ts';
import { MetricsFan } from '../shared/telemetry/metrics.ts';
import { metricsFromEnvironment } from '../shared/telemetry/statsd.ts';
import { loadTracing } from '../shared/telemetry/tracing/load.ts';
import type { WebServer } from '../shared/web/app.ts';
import { BuildLogs } from './build/build-logs.ts';
import { daemonAddress } from './dib/container/address.ts';
import { registryLogin } from './dib/container/registry-login.ts';
import { ContainerRunner } from './dib/container-runner.ts';
import { ProcessRunner } from './dib/process-runner.ts';
import type { DibRunner } from './dib/runner.ts';
import { Builder } from './builder.ts';
import { builderIdIn, fullHostname } from './files/builder-id.ts';
import { ImageFolder } from './files/image-folder.ts';
import type { BuilderMetricsOptions } from './telemetry/prometheus.ts';

/** Runs until `stop` aborts; resolves when all is given back. */
export async function runDaemon(run: ProgramRun): Promise<void> {
  const { log, loaded, environment, stop, options } = run;
  const { config } = loaded;
  const imagesDir = imagesDirOf(config);
  await mkdir(imagesDir, { recursive: true });
  const builderId = await builderIdIn(imagesDir);
  const client = clientFor(config, log);
  const statsd = metricsFromEnvironment(environment, { clock: systemClock, log });
  const metrics = new MetricsFan(statsd);
  const host = await fullHostname();
  const tracing = await loadTracing(environment, {
    ...{ service: 'nodepool-builder', version: packageVersion(), instance: host },
    ...{ clock: systemClock, log: log.named('nodepool.tracing') },
  });
  const builder = new Builder({
    ...{ client, config, clock: systemClock, random: Math.random, log, metrics, tracing },
    ...{ environment, loadDriver, hostname: hostname(), host, builderId },
    version: packageVersion(),
    runner: runnerFor(config, { imagesDir, builderId, log, environment }),
    folder: new ImageFolder(imagesDir),
    logs: new BuildLogs({ folder: config.buildLogDir, retention: config.buildLogRetention }),
    packageDir: fileURLToPath(programFile('')),
    buildWorkers: options.buildWorkers,
    uploadWorkers: options.uploadWorkers,
  });
  const following = follow(run, client, builder);
  let web: WebServer | undefined;
  try {
    web = options.hasWebapp
      ? await startWebServer({ config, host, log }, { builder, client, metrics })
      : undefined;
    await client.start(stop);
    await builder.start(stop);
    following.start();
    await untilStopped(stop);
  } catch (error) {
    if (!stop.aborted) throw error;
  } finally {
    log.info('stopping');
    await following.close();
    await builder.stop();
    await client.close();
    await web?.close();
    await metrics.close();
    await tracing?.close();
    following.endSignals();
    log.info('stopped');
  }
}

/** Loaded only where it is wanted. Without it images are built all the same. */
async function startWebServer(
  { config, host, log }: { readonly config: Config; readonly host: string; readonly log: Logger },
  parts: Omit<BuilderMetricsOptions, 'clock'>,
): Promise<WebServer | undefined> {
  const [{ startBuilderWeb }, { builderSource }, { builderMetrics }] = await Promise.all([
    import('./web/server.ts'),
    import('./web/source.ts'),
    import('./telemetry/prometheus.ts'),
  ]);
  const { listenAddress: address, port } = config.extensions.builder.web;
  const source = builderSource(parts.builder, { host, logFolder: config.buildLogDir });
  const told = builderMetrics({ ...parts, clock: systemClock });
  const webLog = log.named('nodepool.WebApp');
  try {
    const about = { address, port, source, metrics: told.page, clock: systemClock, log: webLog };
    const web = await startBuilderWeb(about);
    const close = async (): Promise<void> => {
      told.close();
      await web.close();
    };
    return { ...web, close };
  } catch (error) {
    told.close();
    webLog.error('there is no web server', { error });
    return undefined;
  }
}

function imagesDirOf({ imagesDir }: Config): string {
  if (imagesDir !== undefined) return resolve(imagesDir);
  throw new ConfigError('NP_CONFIG_INVALID', 'images-dir is not set', {
    hint: 'name the folder in which images are built',
  });
}

function runnerFor(
  config: Config,
  place: {
    readonly imagesDir: string;
    readonly builderId: string;
    readonly log: Logger;
    readonly environment: ProgramRun['environment'];
  },
): DibRunner {
  const { imagesDir, builderId, environment } = place;
  const { runner, container, cacheDir } = config.extensions.builder;
  const log = place.log.named('nodepool.builder.BuildWorker');
  if (runner === 'process')
    return new ProcessRunner({
      ...{ clock: systemClock, log, folder: imagesDir },
      environment: { ...environment, ...(cacheDir && { DIB_IMAGE_CACHE: cacheDir }) },
    });
  const home = homedir();
  return new ContainerRunner({
    ...{ clock: systemClock, log, settings: container, builderId, imagesDir },
    address: daemonAddress({ host: container.host, environment, home }),
    login: (image, signal) => registryLogin(image, { environment, home }, signal),
    elementsDir: config.elementsDir,
    cacheDir,
  });
}
