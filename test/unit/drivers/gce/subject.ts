/** A GCE provider under a hand-turned clock, and its cloud without a network. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ManualClock } from '../../../../fixtures/clock.ts';
import { GceCloud } from '../../../../fixtures/gce-cloud/cloud.ts';
import {
  PROJECT,
  REGION,
  ZONE,
  type GceCloudOptions,
} from '../../../../fixtures/gce-cloud/ground.ts';
import type { ProviderConfig } from '../../../../schemas/config/model.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import type { DriverEnv, Provider } from '../../../../shared/drivers/driver.ts';
import { createGceDriver } from '../../../../shared/drivers/gce/driver.ts';
import { providerConfig } from '../../../support/provider-config.ts';

/** Further entries of cloud-images and of labels, the options of each in one line of YAML. */
interface More {
  readonly images?: readonly string[];
  readonly labels?: readonly string[];
}

/** A provider's section of nodepool.yaml; a label of each kind of image. */
const sectionOf = (pool: string, { images = [], labels = [] }: More): string => `
name: gce-provider
driver: gce
project: ${PROJECT}
region: ${REGION}
zone: ${ZONE}
rate: 1000
cloud-images:
  - name: family
    image-project: debian-cloud
    image-family: debian-12
    username: zuul
    key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 somebody
  - {name: golden, image-id: projects/${PROJECT}/global/images/golden, username: zuul}
${images.map((one) => `  - {username: zuul, ${one}}`).join('\n')}
pools:
  - name: main
    max-servers: 10
    ${pool}
    labels:
      - {name: family, cloud-image: family, instance-type: n1-standard-1}
      - {name: golden, cloud-image: golden, instance-type: n2-standard-2, volume-size: 20}
${labels.map((one) => `      - {instance-type: n1-standard-1, ${one}}`).join('\n')}
`;

export interface GceSubject {
  readonly clock: ManualClock;
  readonly cloud: GceCloud;
  readonly config: ProviderConfig;
  /** Rejects where the provider cannot start. */
  readonly connect: (env?: Partial<DriverEnv>) => Promise<Provider>;
  /** Takes the file with the account's key away. */
  readonly close: () => void;
}

/** `pool`: further options of the pool, lines of YAML. */
export function gceSubject(
  options: Partial<GceCloudOptions> = {},
  pool = '',
  more: More = {},
): GceSubject {
  const clock = new ManualClock();
  const cloud = new GceCloud({ clock, ...options });
  const folder = mkdtempSync(join(tmpdir(), 'nodepool-gce-'));
  const keyPath = join(folder, 'key.json');
  writeFileSync(keyPath, JSON.stringify(cloud.login.keyFile));
  const config = providerConfig(sectionOf(pool, more));
  const env = {
    clock,
    random: () => 0.5,
    log: silentLogger,
    environment: { GOOGLE_APPLICATION_CREDENTIALS: keyPath },
    extension: undefined,
    pollSeconds: 1,
    imageCheckSeconds: 300,
  };
  const driver = createGceDriver({ fetch: cloud.fetch });
  return {
    clock,
    cloud,
    config,
    connect: (changed = {}) =>
      driver.connect(config, { ...env, ...changed }, new AbortController().signal),
    close: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
