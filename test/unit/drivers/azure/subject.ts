/** An Azure provider under a hand-turned clock, and its cloud without a network. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { AzureCloud } from '../../../../fixtures/azure-cloud/cloud.ts';
import {
  GROUP,
  LOCATION,
  SUBSCRIPTION,
  type AzureCloudOptions,
} from '../../../../fixtures/azure-cloud/ground.ts';
import { CLIENT_ID, CLIENT_SECRET, TENANT } from '../../../../fixtures/azure-cloud/login.ts';
import { ManualClock } from '../../../../fixtures/clock.ts';
import type { ProviderConfig } from '../../../../schemas/config/model.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import { createAzureDriver } from '../../../../shared/drivers/azure/driver.ts';
import type { Provider } from '../../../../shared/drivers/driver.ts';
import { providerConfig } from '../../../support/provider-config.ts';

/** Further entries of cloud-images and of labels, the options of each in one line of YAML. */
interface More {
  readonly images?: readonly string[];
  readonly labels?: readonly string[];
}

/** A provider's section of nodepool.yaml; a label of each kind of image. */
const sectionOf = (authPath: string, pool: string, { images = [], labels = [] }: More): string => `
name: azure-provider
driver: azure
location: ${LOCATION}
resource-group: ${GROUP}
resource-group-location: ${LOCATION}
auth-path: ${authPath}
network: network
rate: 1000
cloud-images:
  - name: marketplace
    username: zuul
    key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 somebody
    image-reference: {publisher: Canonical, offer: ubuntu-24_04-lts, sku: server, version: latest}
${images.map((one) => `  - {username: zuul, ${one}}`).join('\n')}
diskimages:
  - {name: uploaded, username: zuul, key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 somebody}
pools:
  - name: main
    max-servers: 10
    ${pool}
    labels:
      - {name: marketplace, cloud-image: marketplace, hardware-profile: {vm-size: Standard_B1s}}
      - {name: uploaded, diskimage: uploaded, hardware-profile: {vm-size: Standard_D2s_v3}}
${labels.map((one) => `      - {hardware-profile: {vm-size: Standard_B1s}, ${one}}`).join('\n')}
`;

export interface AzureSubject {
  readonly clock: ManualClock;
  readonly cloud: AzureCloud;
  readonly config: ProviderConfig;
  /** Rejects where the provider cannot start. */
  readonly connect: () => Promise<Provider>;
  /** Takes the file with the service principal away. */
  readonly close: () => void;
}

/** `pool`: further options of the pool, lines of YAML. Default: public IPv4 addresses. */
export function azureSubject(
  options: Partial<AzureCloudOptions> = {},
  pool = '',
  more: More = {},
): AzureSubject {
  const clock = new ManualClock();
  const cloud = new AzureCloud({ clock, ...options });
  const folder = mkdtempSync(join(tmpdir(), 'nodepool-azure-'));
  const authPath = join(folder, 'auth.json');
  const principal = { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET };
  const place = { tenantId: TENANT, subscriptionId: SUBSCRIPTION };
  writeFileSync(authPath, JSON.stringify({ ...principal, ...place }));
  const config = providerConfig(sectionOf(authPath, pool, more));
  const env = {
    clock,
    random: () => 0.5,
    log: silentLogger,
    environment: {},
    extension: undefined,
    pollSeconds: 1,
    imageCheckSeconds: 300,
  };
  const driver = createAzureDriver({ httpClient: cloud.httpClient });
  return {
    clock,
    cloud,
    config,
    connect: () => driver.connect(config, env, new AbortController().signal),
    close: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
