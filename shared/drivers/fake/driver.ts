/**
 * The `fake` driver: a whole cloud in the launcher's memory, for tests, benchmarks and the
 * quickstart. Takes the options of `openstack`.
 *
 * One cloud for each provider's name lives as long as the driver, so that a changed config finds
 * its servers and images again. Its quota comes from the environment (FAKE_QUOTA), its failures on purpose
 * from `extensions: drivers: fake:`. With `server` there the cloud is in another process, and quota
 * and failures are that one's.
 */
import type { Driver } from '../driver.ts';
import { limitsFrom } from './catalog.ts';
import { FakeCloud } from './cloud.ts';
import { readFaults } from './faults.ts';
import { FakeImages } from './images.ts';
import { FakeProvider } from './provider.ts';
import { RemoteCloud } from './remote-cloud.ts';

export interface FakeDriver extends Driver {
  /** The cloud behind a provider that was connected before. */
  cloudOf(provider: string): FakeCloud | undefined;
}

export function createFakeDriver(): FakeDriver {
  const clouds = new Map<string, FakeCloud>();
  const stores = new Map<string, FakeImages>();
  return {
    name: 'fake',
    cloudOf: (provider) => clouds.get(provider),
    async connect(config, env) {
      await Promise.resolve();
      const faults = readFaults(env.extension, config.name);
      const images = stores.get(config.name) ?? new FakeImages();
      stores.set(config.name, images);
      if (faults.server !== undefined)
        return new FakeProvider(config, {
          ...{ cloud: new RemoteCloud(faults.server, config.name, env), images },
          salt: env.random(),
        });
      const limits = limitsFrom(env.environment.FAKE_QUOTA);
      const cloud = clouds.get(config.name) ?? new FakeCloud(env);
      clouds.set(config.name, cloud);
      cloud.setFaults(faults);
      cloud.setLimits(limits);
      return new FakeProvider(config, { cloud, images, salt: env.random() });
    },
  };
}

/** The driver that the registry hands out: one for the process. */
export const driver: FakeDriver = createFakeDriver();
