/**
 * The parts of a provider, put together.
 *
 * Machines are listed once a tick for all who wait, launches and deletions alike; so are floating IPs,
 * only while somebody wants to know of them, and less often: all calls have one budget.
 */
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import { CloudError } from '../../base/errors.ts';
import type { DriverEnv, ImageStore } from '../driver.ts';
import type { FloatingIpRequest } from './client/floating-ips.ts';
import type { InstanceRequest } from './client/instances.ts';
import type { FloatingIp, VpcInstance } from './client/model.ts';
import type { Session } from './client/session.ts';
import { namedCreations, type NamedCreations } from './creation.ts';
import { Deletions } from './deletion.ts';
import { CloudFacts } from './facts.ts';
import { Groups } from './groups.ts';
import { nameProblem, poolGroupName } from './ids.ts';
import { openImages } from './image-parts.ts';
import { addressNamed, openKnown, type Known } from './known.ts';
import { LabelImages } from './label-images.ts';
import { Launches } from './launch.ts';
import { leakedThings, Leaks, type LeakKind } from './leaks.ts';
import { MachineProfiles } from './machine-profiles.ts';
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
  readonly deletions: Deletions<VpcInstance, FloatingIp>;
  readonly leaks: Leaks;
  /** Undefined: the section has no object storage. */
  readonly imageStore: ImageStore | undefined;
  /** Ends all that runs. */
  close(): void;
}

/** As all parts know them. */
interface Common extends PartsOptions {
  readonly groups: Groups;
  readonly machines: Known<VpcInstance>;
  readonly addresses: Known<FloatingIp>;
}

/**
 * So many calls for changes stand beside each listing, at least: of the calls a second machines get a
 * fifth, floating IPs a tenth. At the usual `rate` of 1 that is every five and ten seconds.
 */
const SHARES = { machines: 2.5, addresses: 5 } as const;

export async function openParts(options: PartsOptions, signal: AbortSignal): Promise<Parts> {
  const { config, env, session } = options;
  const { services } = session;
  const { clock, log, imageCheckSeconds: checkSeconds } = env;
  assertNames(config);
  const groups = new Groups({ resourceGroups: services.resourceGroups, clock, log });
  const facts = new CloudFacts(config, services.network);
  const { images } = services;
  const labelImages = new LabelImages({ config, images, clock, log, checkSeconds });
  // A builder's provider launches nothing, and needs neither.
  for (const pool of config.pools) {
    await facts.subnetId(pool, signal);
    await groups.idOf(poolGroupName(config.name, pool.name), signal);
  }
  await labelImages.prepare(signal);

  const machines = openKnown(options, services.instances, SHARES.machines);
  const addresses = openKnown(options, services.floatingIps, SHARES.addresses);
  const common = { ...options, groups, machines, addresses };
  const creations = openCreations(common);
  const imageParts = openImages(options, groups);
  const profiles = new MachineProfiles({ profiles: services.profiles, clock });
  const quotas = new Quotas({ config, profiles, groups, machines: machines.listing });
  const launches = new Launches({
    ...{ config, clock, facts, groups, images: labelImages, ...creations },
    ...{ instances: services.instances, listing: machines.listing },
    addresses: { floatingIps: services.floatingIps, listing: addresses.listing },
    madeAddress: (name) => addresses.book.get(name),
    takenBy: (machine, inner) => quotas.ofMachine(machine, inner),
  });
  return {
    ...{ quotas, labelImages, launches },
    deletions: openDeletions(common, creations),
    leaks: openLeaks(common, imageParts?.leaks ?? []),
    imageStore: imageParts?.store,
    close: () => {
      labelImages.close();
      imageParts?.close();
      for (const one of [creations.machines, creations.floatingIps]) one.close();
      for (const { listing } of [machines, addresses]) listing.close();
    },
  };
}

function assertNames({ name, place, pools }: ProviderConfig): void {
  const names = pools.map((pool) => pool.name);
  const problem = nameProblem(name, names);
  if (problem === undefined) return;
  const hint = `rename them at ${place}: resource groups are named after both, with _ between them`;
  throw new CloudError('NP_CLOUD_FATAL', problem, { hint });
}

/** Of machines, and of floating IPs. */
interface AllCreations {
  readonly machines: NamedCreations<InstanceRequest>;
  readonly floatingIps: NamedCreations<FloatingIpRequest>;
}

function openCreations({ config, env, session, ...common }: Common): AllCreations {
  const { instances, floatingIps } = session.services;
  const { groups, machines, addresses } = common;
  const { clock, log, random } = env;
  const shared = { groups, clock, log, random, callsPerSecond: config.callsPerSecond };
  return {
    machines: namedCreations<InstanceRequest, VpcInstance>({
      ...shared,
      kind: {
        what: 'machine',
        create: (request, signal) => instances.create(request, signal),
        named: (name, signal) => instances.named(name, signal),
        delete: (id, signal) => instances.delete(id, signal),
        pause: (signal) => machines.listing.next(signal),
      },
      onMade: (machine) => {
        machines.book.note(machine);
      },
    }),
    floatingIps: namedCreations<FloatingIpRequest, FloatingIp>({
      ...shared,
      kind: {
        what: 'floating IP',
        create: (request, signal) => floatingIps.create(request, signal),
        named: (name, signal) => addressNamed(addresses.listing, name, signal),
        delete: (id, signal) => floatingIps.delete(id, signal),
        pause: (signal) => addresses.listing.next(signal),
      },
      onMade: (address) => {
        addresses.book.note(address);
      },
    }),
  };
}

function openDeletions(
  { config, env, session, groups, machines, addresses }: Common,
  creations: AllCreations,
): Deletions<VpcInstance, FloatingIp> {
  const { instances, floatingIps } = session.services;
  return new Deletions({
    ...{ provider: config.name, groups, log: env.log },
    machines: {
      ...machines,
      what: 'machine',
      named: (name, signal) => instances.named(name, signal),
      get: (id, signal) => instances.get(id, signal),
      delete: (id, signal) => instances.delete(id, signal),
    },
    addresses: {
      ...addresses,
      what: 'floating IP',
      named: (name, signal) => addressNamed(addresses.listing, name, signal),
      get: (id, signal) => floatingIps.get(id, signal),
      delete: (id, signal) => floatingIps.delete(id, signal),
    },
    forget: (nodeId) => {
      creations.machines.forget(nodeId);
      creations.floatingIps.forget(nodeId);
    },
  });
}

function openLeaks(
  { session, groups, machines, addresses }: Common,
  ofImages: readonly LeakKind[],
): Leaks {
  const { instances, floatingIps } = session.services;
  return new Leaks([
    leakedThings<VpcInstance>({
      ...{ kind: 'instances', listing: machines.listing, groups, isMachine: true },
      delete: (id, signal) => instances.delete(id, signal),
    }),
    leakedThings<FloatingIp>({
      ...{ kind: 'floatingips', listing: addresses.listing, groups, isMachine: false },
      delete: (id, signal) => floatingIps.delete(id, signal),
    }),
    ...ofImages,
  ]);
}
