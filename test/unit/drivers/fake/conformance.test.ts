import { settle } from '../../../../fixtures/clock.ts';
import { FLAVORS } from '../../../../shared/drivers/fake/catalog.ts';
import { launchingDriver } from '../../../support/driver-conformance.ts';
import { fakeSubject } from './subject.ts';

/** More than the fake cloud takes for anything. */
const LONG_MS = 10_000;

launchingDriver('fake', async () => {
  const { clock, cloud, provider, config } = await fakeSubject();
  const [flavor] = FLAVORS;
  if (flavor === undefined) throw new Error('no flavor');
  return {
    provider,
    config,
    label: 'plain',
    async settle(promise) {
      const [outcome] = await Promise.all([promise, clock.advance(LONG_MS)]);
      return outcome;
    },
    async idle() {
      await clock.advance(LONG_MS);
      await settle();
    },
    countMachines: () => Promise.resolve(cloud.servers.length),
    stall: () => {
      cloud.holdCreates();
    },
    exhaustQuota: () => {
      cloud.setLimits({ instances: 0 });
    },
    plantForeign: () => {
      cloud.plant(flavor);
      return Promise.resolve();
    },
    close: () => provider.close(),
  };
});
