/**
 * What all drivers' sections share: options of providers, pools and images, their defaults, and the
 * reading of them.
 */
import { z } from 'zod';

import { demanded, flag, free, loose, sections, text, whole } from '../kit.ts';
import type { Path } from '../kit.ts';
import type { PoolConfig, PoolLabel, ProviderImage } from '../model.ts';
import type { Quota } from '../../quota.ts';
import type { ReadContext } from './section.ts';

/** Pools whose provider names none, too, have this priority. */
const DEFAULT_PRIORITY = 100;

export const providerOptions = {
  name: loose('Unique name. A name that starts with `fake` makes the driver `fake`.'),
  driver: text('Which driver serves the provider.').default('openstack'),
  'max-concurrency': whole(
    'Launches at once over all pools. Negative: no limit. 0: the provider takes no requests.',
  ).default(-1),
  priority: whole('Priority of the pools that name none. Lower is preferred.').optional(),
};

export const poolOptions = {
  name: loose('Name of the pool, unique in its provider.'),
  'max-servers': whole(
    'Most nodes at once. 0: the pool is disabled. Default: no limit.',
  ).optional(),
  'node-attributes': free('Copied to the attributes of each node.').optional(),
  priority: whole("Lower is preferred. Default: the provider's, else 100.").optional(),
};

export const poolQuotaOptions = {
  'max-cores': whole('Most cores at once. Default: no limit.').optional(),
  'max-ram': whole('Most memory at once, in MiB. Default: no limit.').optional(),
};

/** How to log in to nodes of an image. */
export const connectionOptions = {
  'connection-type': text('How to connect: `ssh`, `winrm`, `network_cli`, ...').default('ssh'),
  'connection-port': whole('Port to connect to. Default: 5986 for winrm, else 22.').optional(),
};

export const interpreterOptions = {
  'python-path': text('Python on the node; `auto` lets Ansible find it.').default('auto'),
  'shell-type': text("Shell of the node, as Ansible's `ansible_shell_type`.").optional(),
};

/** Options of a launch; the defaults differ by driver. All in seconds but the retries. */
export const launchOptions = (bootTimeoutSeconds: number) => ({
  'boot-timeout': whole('Seconds for the key scan once a node has its address.').default(
    bootTimeoutSeconds,
  ),
  'launch-timeout': whole('Seconds for one attempt to launch a node.').default(3600),
  'launch-retries': whole('Launch attempts in all.').default(3),
});

export const dynamic = (what: string) =>
  free(
    `${what}, as Python format strings over the request: \`{request.id}\`, \`{request.tenant_name}\`, ...`,
  );

export const poolList = <S extends z.ZodType>(pool: S) => sections(pool, 'Pools of nodes.');

/** Pools that only the validator of Python Nodepool demands. */
export const demandedPools = <S extends z.ZodType>(pool: S) => demanded(poolList(pool));

export const hostKeyChecking = () =>
  flag('Wait for the port and read the host keys of new nodes. Off: a node is ready when made.');

export const useInternalIp = () =>
  flag('Connect to the private address, even where a public one exists.');

/** What `launchOptions` gave, in the model's words. */
export function launchReading(section: {
  'boot-timeout': number;
  'launch-timeout': number;
  'launch-retries': number;
}): { bootTimeoutSeconds: number; launchTimeoutSeconds: number; launchRetries: number } {
  return {
    bootTimeoutSeconds: section['boot-timeout'],
    launchTimeoutSeconds: section['launch-timeout'],
    launchRetries: section['launch-retries'],
  };
}

/** A rate in calls per second, where 0 means no limit. */
export function callsPerSecond(rate: number): number {
  return rate > 0 ? rate : Infinity;
}

export function defaultPort(connectionType: string): number {
  return connectionType === 'winrm' ? 5986 : 22;
}

/** A limit of 0 or less disables; the sums of the launcher need no negative ones. */
function limit(value: number): number {
  return Math.max(0, value);
}

/** Limits under their names in `Quota`; what is undefined is no limit. */
export function limitsOf(
  limits: Readonly<Record<string, number | undefined>>,
  resources: Readonly<Record<string, number>> = {},
): Quota {
  const entries = Object.entries({ ...resources, ...limits });
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, limit(value)]])),
  );
}

/** The common options of an image; `options` is what only the driver understands. */
export function imageReading(
  image: {
    name: string;
    username?: string | undefined;
    pause?: boolean | undefined;
    'python-path'?: string | undefined;
    'shell-type'?: string | undefined;
    'connection-type': string;
    'connection-port'?: number | undefined;
  },
  options: unknown,
): ProviderImage {
  return {
    name: image.name,
    username: image.username,
    pythonPath: image['python-path'] ?? 'auto',
    shellType: image['shell-type'],
    connectionType: image['connection-type'],
    connectionPort: image['connection-port'] ?? defaultPort(image['connection-type']),
    isPaused: image.pause ?? false,
    options,
  };
}

interface PoolSection {
  name: string;
  priority?: number | undefined;
  'node-attributes'?: Record<string, unknown> | undefined;
}

/** A pool from its common options and what its driver made of the rest. */
export function poolReading(
  provider: { priority?: number | undefined },
  pool: PoolSection,
  rest: Pick<PoolConfig, 'limits' | 'labels' | 'options'> & Partial<PoolConfig>,
): PoolConfig {
  return {
    name: pool.name,
    priority: pool.priority ?? provider.priority ?? DEFAULT_PRIORITY,
    nodeAttributes: pool['node-attributes'],
    ignoreProviderQuota: false,
    availabilityZones: [],
    useInternalIp: false,
    ...rest,
  };
}

/** Items by name; the last of a name wins, as in Python Nodepool, and the others are reported. */
export function byName<T extends { readonly name: string }>(
  items: readonly T[],
  path: Path,
  context: Pick<ReadContext, 'warn'>,
): Map<string, T> {
  const map = new Map<string, T>();
  const places = new Map<string, number>();
  items.forEach((item, index) => {
    const before = places.get(item.name);
    if (before !== undefined)
      context.warn(
        [...path, before],
        `is replaced by a later entry of the same name, ${item.name}`,
      );
    places.set(item.name, index);
    map.set(item.name, item);
  });
  return map;
}

/** The labels of a pool, each checked against the top-level list. */
export function labelReadings<L extends { name: string }>(
  labels: readonly L[],
  path: Path,
  context: ReadContext,
  read: (label: L, path: Path) => PoolLabel,
): Map<string, PoolLabel> {
  const readings = labels.map((label, index) => {
    const place = [...path, index];
    requireLabel(label.name, [...place, 'name'], context);
    return read(label, place);
  });
  return byName(readings, path, context);
}

export function requireLabel(name: string, path: Path, context: ReadContext): void {
  if (!context.labels.has(name))
    context.error(path, `label ${name} is not in the top-level list of labels`);
}

/** Reports a label's cloud image that the provider does not have. */
export function requireCloudImage(
  name: string | undefined,
  images: ReadonlyMap<string, ProviderImage>,
  path: Path,
  context: ReadContext,
): void {
  if (name === undefined || name === '' || images.has(name)) return;
  const known = [...images.keys()];
  context.error(
    [...path, 'cloud-image'],
    `cloud image ${name} is not among this provider's cloud-images${known.length > 0 && known.length <= 10 ? ` (${known.join(', ')})` : ''}`,
  );
}

/** Reports a label's disk image that the provider does not upload. */
export function requireProviderDiskimage(
  name: string | undefined,
  images: ReadonlyMap<string, ProviderImage>,
  path: Path,
  context: ReadContext,
): void {
  if (name === undefined || name === '' || images.has(name)) return;
  context.error(
    [...path, 'diskimage'],
    `disk image ${name} is not among this provider's diskimages`,
  );
}

/** Reports a provider's disk image that no top-level one defines. */
export function requireDiskimage(name: string, path: Path, context: ReadContext): boolean {
  if (context.diskimages.has(name)) return true;
  context.error(path, `disk image ${name} is not in the top-level list, or is abstract`);
  return false;
}
