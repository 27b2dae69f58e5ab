/**
 * The parts of a provider, put together.
 *
 * Instances are listed once a tick for all who wait, launches and deletions alike; operations only while
 * an instance is missed, and less often: all calls have one budget.
 */
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import { listingSeconds } from '../../cloud/listing-pace.ts';
import { LookUps } from '../../cloud/look-ups.ts';
import type { DriverEnv } from '../driver.ts';
import type { GceInstance } from './client/instances.ts';
import type { Session } from './client/session.ts';
import { Deletions } from './deletion.ts';
import { checkPlace } from './facts.ts';
import { Fates } from './fates.ts';
import { instanceListing } from './instance-list.ts';
import { LabelImages } from './label-images.ts';
import { Launches } from './launch.ts';
import { Leaks } from './leaks.ts';
import { KnownTypes } from './machine-types.ts';
import { Quotas } from './quotas.ts';

export interface PartsOptions {
  readonly config: ProviderConfig;
  readonly env: DriverEnv;
  readonly session: Session;
}

export interface Parts {
  readonly quotas: Quotas;
  readonly labelImages: LabelImages;
  readonly launches: Launches;
  readonly deletions: Deletions;
  readonly leaks: Leaks;
  /** Ends all that runs. */
  close(): void;
}

/** So many calls for changes stand beside each listing, at least. */
const SHARES = { instances: 2.5, operations: 5 } as const;

export async function openParts(options: PartsOptions, signal: AbortSignal): Promise<Parts> {
  const { config, env, session } = options;
  const { services, place } = session;
  const { clock, log, imageCheckSeconds: checkSeconds } = env;
  const { instances, images, regions, operations } = services;
  const labelImages = new LabelImages({ config, images, clock, log, checkSeconds });
  await checkPlace(config, place, regions, signal);
  await labelImages.prepare(signal);

  const isBusy = (): boolean => session.isBusy();
  const paced = (share: number): number =>
    listingSeconds(env.pollSeconds, config.callsPerSecond / share);
  const listing = instanceListing({
    ...{ instances, clock, isBusy, pollSeconds: paced(SHARES.instances) },
    onList: (list) => {
      deletions.learn(list);
      quotas.learn(list);
    },
  });
  const fates = new Fates({
    ...{ operations, clock, log, isBusy, pollSeconds: paced(SHARES.operations) },
  });
  const types = new KnownTypes(services.machineTypes, place.zone);
  const lookUps = new LookUps<GceInstance>({
    get: (name, inner) => instances.get(name, inner),
    ...{ listing, log },
  });
  const quotas = new Quotas({ config, regions, types, listing, clock });
  const deletions = new Deletions({
    ...{ provider: config.name, instances, listing, lookUps, clock, log },
  });
  const launches = new Launches({
    ...{ config, place, clock, instances, types, images: labelImages },
    ...{ listing, lookUps, fates },
    takenBy: (instance, inner) => quotas.ofInstance(instance, inner),
  });
  return {
    ...{ quotas, labelImages, launches, deletions },
    leaks: new Leaks({ deletions, listing }),
    close: () => {
      labelImages.close();
      listing.close();
      fates.close();
    },
  };
}
