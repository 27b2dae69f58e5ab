/**
 * The parts of a provider, put together.
 *
 * Instances are listed once a tick for all who wait, launches and deletions alike; so are hosts and
 * volumes, each only while somebody wants to know of them.
 */
import { randomUUID } from 'node:crypto';

import type { Volume } from '@aws-sdk/client-ec2';

import type { ProviderConfig } from '../../../schemas/config/model.ts';
import { listingSeconds } from '../../cloud/listing-pace.ts';
import { SharedListing } from '../../cloud/shared-listing.ts';
import type { DriverEnv } from '../driver.ts';
import { READING_FACTOR } from './client/sdk.ts';
import type { AwsServices } from './client/services.ts';
import { instanceCreations, type InstanceCreations } from './creation.ts';
import { Deletions } from './deletion.ts';
import { CloudFacts } from './facts.ts';
import { Hosts } from './hosts.ts';
import { AwsImageStore } from './image-store.ts';
import { hostListing, instanceListing, type HostList, type InstanceList } from './instance-list.ts';
import { InstanceTypes } from './instance-types.ts';
import { LabelImages } from './label-images.ts';
import { LaunchTemplates } from './launch-templates.ts';
import { Launches } from './launch.ts';
import { Leaks } from './leaks.ts';
import { Quotas } from './quotas.ts';

export interface PartsOptions {
  readonly config: ProviderConfig;
  readonly env: DriverEnv;
  readonly services: AwsServices;
}

export interface Parts {
  readonly facts: CloudFacts;
  readonly quotas: Quotas;
  readonly labelImages: LabelImages;
  readonly hosts: Hosts;
  readonly creations: InstanceCreations;
  readonly launches: Launches;
  readonly deletions: Deletions;
  readonly leaks: Leaks;
  readonly imageStore: AwsImageStore;
  /** Ends all that runs. */
  close(): void;
}

/** Listings, each asked for once a tick for all who wait. */
interface Listings {
  readonly instances: SharedListing<InstanceList>;
  readonly hosts: SharedListing<HostList>;
  readonly volumes: SharedListing<readonly Volume[]>;
}

export async function openParts(options: PartsOptions, signal: AbortSignal): Promise<Parts> {
  const { config, env, services } = options;
  const { clock, log, random, imageCheckSeconds: checkSeconds } = env;
  const { compute } = services;
  const { callsPerSecond } = config;
  const facts = new CloudFacts({ images: services.images, clock });
  const labelImages = new LabelImages({ config, facts, clock, log, checkSeconds });
  const templates = new LaunchTemplates({ config, compute, log });
  const types = new InstanceTypes({ config, compute });
  await types.prepare(signal);
  await labelImages.prepare(signal);
  await templates.prepare(signal);

  const listings = openListings(options);
  const { instances, hosts: hostList } = listings;
  const quotas = new Quotas({ config, services, types, ...listings, clock, log });
  const deletions = new Deletions({ compute, instances, hosts: hostList });
  const creating = { compute, clock, log, random, callsPerSecond };
  const hosts = new Hosts({ ...creating, hosts: hostList });
  const creations = instanceCreations({
    ...creating,
    terminate: (id, inner) => deletions.terminate(id, inner),
  });
  const launches = new Launches({
    ...{ config, clock, compute, facts, templates, creations, hosts, instances },
    images: labelImages,
    resourcesOf: (instance, label, inner) => quotas.ofInstance(instance, label, inner),
  });
  return {
    ...{ facts, quotas, labelImages, hosts, creations, launches, deletions },
    leaks: new Leaks({ config, services, deletions, ...listings, log }),
    imageStore: openImageStore(options),
    close: () => {
      creations.close();
      hosts.close();
      launches.close();
      deletions.close();
      labelImages.close();
      listings.instances.close();
      listings.hosts.close();
      listings.volumes.close();
    },
  };
}

function openListings({ env, config, services: { compute } }: PartsOptions): Listings {
  const { clock } = env;
  const pollSeconds = listingSeconds(env.pollSeconds, config.callsPerSecond * READING_FACTOR);
  return {
    instances: instanceListing({ compute, clock, pollSeconds }),
    hosts: hostListing({ compute, clock, pollSeconds }),
    volumes: new SharedListing({ clock, pollSeconds, list: (signal) => compute.volumes(signal) }),
  };
}

function openImageStore({ env, config, services }: PartsOptions): AwsImageStore {
  const { clock, random, log, pollSeconds } = env;
  return new AwsImageStore({
    ...{ services, config, clock, random, log, pollSeconds },
    newToken: () => randomUUID(),
  });
}
