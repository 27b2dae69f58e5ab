/** A provider of one of the three drivers over a cluster in memory, under a hand-turned clock. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ManualClock } from '../../../../fixtures/clock.ts';
import { KubeCloud } from '../../../../fixtures/kube-cloud/cloud.ts';
import type { KubeCloudOptions } from '../../../../fixtures/kube-cloud/ground.ts';
import { kubeconfigOf } from '../../../../fixtures/kube-cloud/kubeconfig.ts';
import type { ProviderConfig } from '../../../../schemas/config/model.ts';
import { silentLogger, type LogFields, type Logger } from '../../../../shared/base/log.ts';
import type { Driver, Instance, LaunchSpec, Provider } from '../../../../shared/drivers/driver.ts';
import type { ClusterOptions } from '../../../../shared/drivers/pods/client/open.ts';
import { launchSpec } from '../../../support/launch-spec.ts';
import { providerConfig } from '../../../support/provider-config.ts';
import { settleByTurning } from '../settle-by-turning.ts';

export interface SceneOptions {
  readonly create: (options: ClusterOptions) => Driver;
  /** A section of nodepool.yaml. */
  readonly section: string;
  readonly cloud?: Partial<KubeCloudOptions>;
  /** Before the provider connects. */
  readonly prepare?: (cloud: KubeCloud) => void;
  /** Replaces the kubeconfig's text. */
  readonly kubeconfig?: (text: string) => string;
}

interface Warning {
  readonly message: string;
  readonly fields: LogFields | undefined;
}

export interface Scene {
  readonly clock: ManualClock;
  readonly cloud: KubeCloud;
  readonly config: ProviderConfig;
  readonly provider: Provider;
  readonly warnings: readonly Warning[];
  /** Waits while the cluster's time passes. */
  settle<T>(promise: Promise<T>): Promise<T>;
  /** Launches, and waits for the outcome. */
  launch(label: string, overrides?: Partial<LaunchSpec>): Promise<Instance>;
  /** Begins; whoever awaits the outcome turns the clock. */
  begin(label: string, overrides?: Partial<LaunchSpec>): Promise<Instance>;
  delete(externalId: Instance['externalId'], nodeId?: string): Promise<void>;
}

export const NODE = '0000000001';
const SERVER = 'https://cluster.example';
const opened: (() => Promise<void>)[] = [];

/** Ends all scenes; for `afterEach`. */
export async function closeScenes(): Promise<void> {
  for (const close of opened.splice(0)) await close();
}

/** Rejects where the provider cannot start. */
export async function openScene(options: SceneOptions): Promise<Scene> {
  const clock = new ManualClock();
  const cloud = new KubeCloud({ clock, ...options.cloud });
  options.prepare?.(cloud);
  const folder = mkdtempSync(join(tmpdir(), 'nodepool-pods-'));
  opened.push(() => {
    rmSync(folder, { recursive: true, force: true });
    return Promise.resolve();
  });
  const kubeconfig = join(folder, 'kubeconfig');
  const text = kubeconfigOf({
    ...{ server: SERVER, token: cloud.access.token, authority: cloud.authority },
    contexts: ['ours'],
  });
  writeFileSync(kubeconfig, options.kubeconfig?.(text) ?? text);
  const config = providerConfig(options.section);
  const warnings: Warning[] = [];
  const driver = options.create({ transport: cloud.transport });
  const settle = <T>(promise: Promise<T>): Promise<T> => settleByTurning(clock, promise);
  const env = {
    ...{ clock, random: () => 0.5, log: warningLogger(warnings), extension: undefined },
    ...{ environment: { KUBECONFIG: kubeconfig }, pollSeconds: 1, imageCheckSeconds: 300 },
  };
  const provider = await settle(driver.connect(config, env, new AbortController().signal));
  opened.push(() => provider.close());
  const begin: Scene['begin'] = (label, overrides) => {
    if (!provider.launch) throw new Error('the provider cannot launch');
    const { signal } = new AbortController();
    const launching = provider.launch(launchSpec(config, label, overrides), signal);
    launching.catch(() => undefined);
    return launching;
  };
  return {
    ...{ clock, cloud, config, provider, warnings, settle, begin },
    launch: (label, overrides) => settle(begin(label, overrides)),
    delete: (externalId, nodeId = NODE) => {
      const { signal } = new AbortController();
      return settle(provider.delete({ externalId, nodeId, driverData: null }, signal));
    },
  };
}

function warningLogger(warnings: Warning[]): Logger {
  const logger: Logger = {
    ...silentLogger,
    warn: (message, fields) => warnings.push({ message, fields }),
    with: () => logger,
    named: () => logger,
  };
  return logger;
}
