import { settle } from '../../../../fixtures/clock.ts';
import type { Quota } from '../../../../schemas/quota.ts';
import { FLAVORS } from '../../../../shared/drivers/fake/catalog.ts';
import type { Cloud, Server, ServerRequest } from '../../../../shared/drivers/fake/cloud.ts';
import { NO_FAULTS } from '../../../../shared/drivers/fake/faults.ts';
import { FakeImages } from '../../../../shared/drivers/fake/images.ts';
import { FakeProvider } from '../../../../shared/drivers/fake/provider.ts';
import { cloudDriver } from '../../../support/cloud-conformance.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { fakeSubject } from './subject.ts';

/** More than the fake cloud takes for anything. */
const LONG_MS = 10_000;
/** Longer than `idle` waits. */
const HELD_SECONDS = 60;

/** A cloud that tells of each call. */
class WatchedCloud implements Cloud {
  onCall: (call: string) => void = () => undefined;
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  create(request: ServerRequest, signal: AbortSignal): Server | Promise<Server> {
    this.onCall('create');
    return this.#cloud.create(request, signal);
  }

  whenActive(id: string, signal: AbortSignal): Promise<Server> {
    this.onCall('whenActive');
    return this.#cloud.whenActive(id, signal);
  }

  delete(id: string, signal: AbortSignal): Promise<void> {
    this.onCall('delete');
    return this.#cloud.delete(id, signal);
  }

  list(signal: AbortSignal): readonly Server[] | Promise<readonly Server[]> {
    this.onCall('list');
    return this.#cloud.list(signal);
  }

  limits(signal: AbortSignal): Quota | Promise<Quota> {
    this.onCall('limits');
    return this.#cloud.limits(signal);
  }
}

cloudDriver('fake', async () => {
  const { clock, cloud, config } = await fakeSubject();
  const [flavor] = FLAVORS;
  if (flavor === undefined) throw new Error('no flavor');
  const watched = new WatchedCloud(cloud);
  const provider = new FakeProvider(config, {
    cloud: watched,
    images: new FakeImages(),
    salt: 0,
  });
  return {
    provider,
    config,
    label: 'plain',
    listingCall: 'list',
    settle: (promise) => settleByTurning(clock, promise),
    async idle() {
      await clock.advance(LONG_MS);
      await settle();
    },
    onCall: (listener) => {
      watched.onCall = listener;
    },
    countMachines: () => Promise.resolve(cloud.servers.length),
    countResources: () => Promise.resolve(cloud.servers.length),
    stall: () => {
      cloud.holdCreates();
    },
    exhaustQuota: () => {
      cloud.setLimits({ instances: 0 });
    },
    refuse: (error) => {
      cloud.setFaults({ ...NO_FAULTS, create: [{ mode: 'before', error }] });
    },
    holdDeletes: () => {
      cloud.setFaults({ ...NO_FAULTS, deleteDelaySeconds: HELD_SECONDS });
    },
    releaseDeletes: () => {
      cloud.setFaults(NO_FAULTS);
    },
    plantForeign: () => {
      cloud.plant(flavor);
      return Promise.resolve();
    },
    leaveBehind: (tags) => {
      cloud.plant(flavor, tags);
      return Promise.resolve();
    },
    close: () => provider.close(),
  };
});
