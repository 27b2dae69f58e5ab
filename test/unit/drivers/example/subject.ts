/** An example provider under a hand-turned clock, and its cloud without a network. */
import { ManualClock } from '../../../../fixtures/clock.ts';
import {
  ExampleCloud,
  TOKEN,
  type ExampleCloudOptions,
} from '../../../../fixtures/example-cloud/cloud.ts';
import { fetchFrom } from '../../../../fixtures/example-cloud/routes.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import type { Provider } from '../../../../shared/drivers/driver.ts';
import { createExampleDriver } from '../../../../shared/drivers/example/driver.ts';
import type { ProviderConfig } from '../../../../schemas/config/model.ts';
import { providerConfig } from '../../../support/provider-config.ts';

const SECTION = `
name: example-provider
driver: example
project: ci
region: here
rate-limit: 0
cloud-images:
  - {name: image, image-id: image-1, key: ssh-ed25519 AAAA}
  - {name: no-id}
  - {name: unknown, image-id: image-9}
pools:
  - name: main
    labels:
      - {name: plain, cloud-image: image, instance-type: small}
      - {name: no-type, cloud-image: image, instance-type: huge}
      - {name: no-image, cloud-image: no-id, instance-type: small}
      - {name: unknown-image, cloud-image: unknown, instance-type: small}
  - name: internal
    use-internal-ip: true
    labels:
      - {name: inside, cloud-image: image, instance-type: large}
`;

export interface ExampleSubject {
  readonly clock: ManualClock;
  readonly cloud: ExampleCloud;
  readonly config: ProviderConfig;
  /** Rejects where the provider cannot start. */
  readonly connect: (
    overrides?: { environment?: Record<string, string>; extension?: unknown },
    config?: ProviderConfig,
  ) => Promise<Provider>;
}

export function exampleSubject(options: Partial<ExampleCloudOptions> = {}): ExampleSubject {
  const clock = new ManualClock();
  const cloud = new ExampleCloud({ clock, ...options });
  const config = providerConfig(SECTION);
  const env = {
    clock,
    random: () => 0.5,
    log: silentLogger,
    environment: { EXAMPLE_CLOUD_TOKEN: TOKEN },
    extension: { endpoint: 'http://example.cloud/' },
    pollSeconds: 1,
    imageCheckSeconds: 300,
  };
  const driver = createExampleDriver(fetchFrom(cloud));
  return {
    clock,
    cloud,
    config,
    connect: (overrides = {}, other = config) =>
      driver.connect(other, { ...env, ...overrides }, new AbortController().signal),
  };
}
