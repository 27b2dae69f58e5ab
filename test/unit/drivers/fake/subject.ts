/** A fake provider under a hand-turned clock. */
import { ManualClock } from '../../../../fixtures/clock.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import type { FakeCloud } from '../../../../shared/drivers/fake/cloud.ts';
import { createFakeDriver } from '../../../../shared/drivers/fake/driver.ts';
import { seededRandom } from '../../../../shared/drivers/fake/faults.ts';
import type { Provider } from '../../../../shared/drivers/driver.ts';
import type { ProviderConfig } from '../../../../schemas/config/model.ts';
import { providerConfig } from '../../../support/provider-config.ts';

const SECTION = `
name: fake-provider
driver: fake
cloud: fake
region-name: fake-region
cloud-images:
  - {name: fake-image, image-name: Fake Precise}
  - {name: by-id, image-id: whatever}
  - {name: no-such-image}
pools:
  - name: main
    labels:
      - {name: plain, cloud-image: fake-image, min-ram: 8192}
      - {name: v6, cloud-image: fake-image, min-ram: 8192, networks: [fake-ipv6-network-name]}
      - name: no-auto-ip
        cloud-image: by-id
        flavor-name: Unreal Flavor
        networks: [no-auto-ip-network-name]
        boot-from-volume: true
      - {name: too-big, cloud-image: fake-image, min-ram: 9000}
      - {name: no-flavor, cloud-image: fake-image, flavor-name: Unreal}
      - {name: no-image, cloud-image: no-such-image, min-ram: 1}
`;

export interface FakeSubject {
  readonly clock: ManualClock;
  readonly cloud: FakeCloud;
  readonly provider: Provider;
  readonly config: ProviderConfig;
}

export async function fakeSubject(
  extension?: unknown,
  environment: Readonly<Record<string, string>> = {},
): Promise<FakeSubject> {
  const clock = new ManualClock();
  const config = providerConfig(SECTION);
  const driver = createFakeDriver();
  const env = {
    clock,
    random: seededRandom(1),
    log: silentLogger,
    environment,
    extension,
    pollSeconds: 1,
    imageCheckSeconds: 300,
  };
  const provider = await driver.connect(config, env, new AbortController().signal);
  const cloud = driver.cloudOf(config.name);
  if (cloud === undefined) throw new Error('no cloud');
  return { clock, cloud, provider, config };
}
