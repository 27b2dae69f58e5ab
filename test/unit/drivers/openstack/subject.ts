/** An OpenStack provider under a hand-turned clock, and its cloud without a network. */
import { ManualClock } from '../../../../fixtures/clock.ts';
import { OpenStackCloud } from '../../../../fixtures/openstack-cloud/cloud.ts';
import type { OpenStackCloudOptions } from '../../../../fixtures/openstack-cloud/ground.ts';
import { PASSWORD, PROJECT, USER } from '../../../../fixtures/openstack-cloud/identity.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import type { Provider } from '../../../../shared/drivers/driver.ts';
import { createOpenStackDriver } from '../../../../shared/drivers/openstack/driver.ts';
import type { ProviderConfig } from '../../../../schemas/config/model.ts';
import { providerConfig } from '../../../support/provider-config.ts';
import { cloudConfig } from './cloud-config.ts';

/** A provider's section of nodepool.yaml, with labels `plain` and `volume`. */
export const SECTION = `
name: openstack-provider
driver: openstack
cloud: memory
rate: 0.001
cloud-images:
  - {name: image}
pools:
  - name: main
    networks: [private]
    labels:
      - {name: plain, cloud-image: image, flavor-name: small}
      - {name: volume, cloud-image: image, flavor-name: small, boot-from-volume: true}
`;

const domain = { name: 'Default' };

/** The cloud in memory as clouds.yaml would name it. */
export const MEMORY_CLOUD = cloudConfig({
  name: 'memory',
  regionName: 'RegionOne',
  auth: {
    method: 'password',
    authUrl: 'http://identity.test/v3',
    user: { name: USER, domain },
    password: PASSWORD,
    scope: { kind: 'project', project: { name: PROJECT, domain } },
  },
});

export interface OpenStackSubject {
  readonly clock: ManualClock;
  readonly cloud: OpenStackCloud;
  readonly config: ProviderConfig;
  /** Rejects where the provider cannot start. */
  readonly connect: () => Promise<Provider>;
}

export function openStackSubject(
  options: Partial<OpenStackCloudOptions> = {},
  section = SECTION,
): OpenStackSubject {
  const clock = new ManualClock();
  const cloud = new OpenStackCloud({ clock, ...options });
  const config = providerConfig(section);
  const env = {
    clock,
    random: () => 0.5,
    log: silentLogger,
    environment: {},
    extension: undefined,
    pollSeconds: 1,
    imageCheckSeconds: 300,
  };
  const driver = createOpenStackDriver({
    fetch: cloud.fetch,
    loadCloud: () => Promise.resolve(MEMORY_CLOUD),
    hasIpv6: false,
  });
  return {
    clock,
    cloud,
    config,
    connect: () => driver.connect(config, env, new AbortController().signal),
  };
}
