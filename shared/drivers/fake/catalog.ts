/**
 * What the fake cloud offers: images, flavors, zones, networks, and the limits of its account.
 *
 * Facts: nodepool/driver/fake/adapter.py and nodepool/driver/openstack/adapter.py.
 */
import type { Quota } from '../../../schemas/quota.ts';
import { CloudError, ConfigError } from '../../base/errors.ts';

export interface Flavor {
  readonly id: string;
  readonly name: string;
  readonly ramMib: number;
  readonly cores: number;
}

export const FLAVORS: readonly Flavor[] = [
  { id: 'fake-flavor-id', name: 'Fake Flavor', ramMib: 8192, cores: 4 },
  { id: 'unreal-flavor-id', name: 'Unreal Flavor', ramMib: 8192, cores: 4 },
];

export const IMAGES = [{ id: 'fake-image-id', name: 'Fake Precise' }] as const;

export const ZONES: readonly string[] = ['az1', 'az2'];

/** The first network also stands in for every name that is not here. */
export const NETWORKS = {
  public: 'fake-public-network-name',
  private: 'fake-private-network-name',
  /** Its servers have no public address. */
  noAutoIp: 'no-auto-ip-network-name',
  /** Its servers have an IPv6 address, too. */
  ipv6: 'fake-ipv6-network-name',
} as const;

/** Limits of volumes, which no option changes. */
const VOLUME_LIMITS: Quota = { volumes: 100, 'volume-gb': 1_000_000 };

const STOCK_LIMITS: Quota = { cores: 100, instances: 20, ram: 1_000_000 };

/**
 * The limits that the environment variable FAKE_QUOTA asks for: `CORES,INSTANCES,RAM` (MiB), where
 * -1 means no limit; `stock` for Python Nodepool's own; unset or empty: no limits.
 */
export function limitsFrom(text: string | undefined): Quota {
  if (text === undefined || text === '') return VOLUME_LIMITS;
  if (text === 'stock') return { ...STOCK_LIMITS, ...VOLUME_LIMITS };
  const [cores, instances, ram, ...more] = text.split(',').map((part) => part.trim());
  const limits = { cores, instances, ram };
  const entries = Object.entries(limits).map(([name, value]): [string, number] => {
    if (value === undefined || !/^-?\d+$/.test(value) || more.length > 0)
      throw new ConfigError('NP_CONFIG_INVALID', `FAKE_QUOTA is CORES,INSTANCES,RAM, not ${text}`);
    return [name, Number(value)];
  });
  return { ...Object.fromEntries(entries.filter(([, value]) => value >= 0)), ...VOLUME_LIMITS };
}

/**
 * The flavor of a label. Without a minimum of memory the name or id must match; with one it is the
 * first by (memory, name) that has enough and whose name contains the given text.
 */
export function findFlavor(wanted: {
  readonly minRamMib: number;
  readonly flavorName: string | undefined;
}): Flavor {
  const { minRamMib, flavorName } = wanted;
  const sorted = FLAVORS.toSorted(
    (a, b) => a.ramMib - b.ramMib || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
  const found = sorted.find((flavor) =>
    minRamMib > 0
      ? flavor.ramMib >= minRamMib && flavor.name.includes(flavorName ?? '')
      : flavor.name === flavorName || flavor.id === flavorName,
  );
  if (found !== undefined) return found;
  const named = flavorName === undefined ? '' : ` named ${flavorName}`;
  const sized = minRamMib > 0 ? ` with ${minRamMib} MiB of memory` : '';
  throw new CloudError('NP_CLOUD_FATAL', `the cloud has no flavor${named}${sized}`, {
    hint: 'correct flavor-name or min-ram of the label',
  });
}

export function hasImage(nameOrId: string): boolean {
  return IMAGES.some((image) => image.id === nameOrId || image.name === nameOrId);
}
