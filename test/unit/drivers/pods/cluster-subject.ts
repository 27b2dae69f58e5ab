/** A provider of one of the three drivers under a hand-turned clock, and its cluster without a network. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ManualClock } from '../../../../fixtures/clock.ts';
import { KubeCloud } from '../../../../fixtures/kube-cloud/cloud.ts';
import type { KubeCloudOptions } from '../../../../fixtures/kube-cloud/ground.ts';
import { kubeconfigOf } from '../../../../fixtures/kube-cloud/kubeconfig.ts';
import type { ProviderConfig } from '../../../../schemas/config/model.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import type { DriverEnv, Provider } from '../../../../shared/drivers/driver.ts';
import { KUBE_DRIVERS, type KubeDriver } from '../../../support/kube-site.ts';
import { providerConfig } from '../../../support/provider-config.ts';

export const SERVER = 'https://cluster.example';

/** A provider's section of nodepool.yaml. */
const sectionOf = (driver: KubeDriver): string => `
name: cluster-one
driver: ${driver}
context: ours
pools:
  - name: main
    labels:
      - {name: pod, image: python, cpu: 1, memory: 512${typed(driver, 'pod')}}
${driver === 'openshiftpods' ? '' : `      - {name: space${typed(driver, 'space')}}`}
`;

function typed(driver: KubeDriver, kind: 'pod' | 'space'): string {
  if (driver === 'openshiftpods') return '';
  if (kind === 'pod') return ', type: pod';
  return driver === 'kubernetes' ? ', type: namespace' : ', type: project';
}

export interface ClusterSubject {
  readonly clock: ManualClock;
  readonly cloud: KubeCloud;
  readonly config: ProviderConfig;
  readonly env: DriverEnv;
  /** Rejects where the provider cannot start. */
  readonly connect: () => Promise<Provider>;
  /** Takes the kubeconfig away. */
  readonly close: () => void;
}

/** The labels are `pod` and, but for `openshiftpods`, `space`. The project `main` is there. */
export function clusterSubject(
  driver: KubeDriver,
  options: Partial<KubeCloudOptions> = {},
): ClusterSubject {
  const clock = new ManualClock();
  const openShift = driver === 'kubernetes' ? {} : { openShift: {} };
  const cloud = new KubeCloud({ clock, ...openShift, ...options });
  if (driver === 'openshiftpods') cloud.plant.namespace({ name: 'main' });
  const folder = mkdtempSync(join(tmpdir(), 'nodepool-kube-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const { authority } = cloud;
  const { token } = cloud.access;
  writeFileSync(kubeconfig, kubeconfigOf({ server: SERVER, token, authority, contexts: ['ours'] }));
  const config = providerConfig(sectionOf(driver));
  const env: DriverEnv = {
    clock,
    random: () => 0.5,
    log: silentLogger,
    environment: { KUBECONFIG: kubeconfig },
    extension: undefined,
    pollSeconds: 1,
    imageCheckSeconds: 300,
  };
  const { transport } = cloud;
  return {
    clock,
    cloud,
    config,
    env,
    connect: () =>
      KUBE_DRIVERS[driver]({ transport }).connect(config, env, new AbortController().signal),
    close: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
