/** What the pools of providers share: their options, limits and reading. */
import type { z } from 'zod';

import { amounts, demanded, flag, free, loose, sections, whole } from '../../kit.ts';
import type { Path } from '../../kit.ts';
import type { PoolConfig } from '../../model.ts';
import type { Quota } from '../../../quota.ts';
import type { ReadContext } from '../section.ts';
import { byName } from './by-name.ts';

/** Pools whose provider names none, too, have this priority. */
const DEFAULT_PRIORITY = 100;

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

/**
 * Python Nodepool's loader breaks without it with some drivers, though its validator does not ask
 * for it.
 */
export const requiredMaxServers = () => ({
  'max-servers': whole('Most nodes at once. 0: the pool is disabled.'),
});

/** A provider's limits for those pools that have none of their own; `by` says the resources' names. */
export const quotaDefaults = (by: string) => ({
  'max-servers': whole('Default of the pools.').optional(),
  'max-cores': whole('Default of the pools.').optional(),
  'max-ram': whole('Default of the pools, in MiB.').optional(),
  'max-resources': amounts(`Default of the pools, by ${by}.`).default({}),
});

/** What a provider and each of its pools may switch on or off; `about` is a whole sentence. */
export const poolFlag = (about: string) => flag(`${about} Default: the provider's.`).optional();

export const poolDefault = () => flag('Default of the pools.');

export const poolList = <S extends z.ZodType>(pool: S) => sections(pool, 'Pools of nodes.');

/** Pools that only the validator of Python Nodepool demands. */
export const demandedPools = <S extends z.ZodType>(pool: S) => demanded(poolList(pool));

export const labelList = <S extends z.ZodType>(label: S) =>
  sections(label, 'Labels that the pool offers.');

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

interface QuotaSection {
  'max-servers'?: number | undefined;
  'max-cores'?: number | undefined;
  'max-ram'?: number | undefined;
  'max-resources': Record<string, number>;
}

/** A pool's limits; what it leaves open is its provider's, for each resource. */
export function quotaReading(pool: QuotaSection, provider: QuotaSection): Quota {
  return limitsOf(
    {
      instances: pool['max-servers'] ?? provider['max-servers'],
      cores: pool['max-cores'] ?? provider['max-cores'],
      ram: pool['max-ram'] ?? provider['max-ram'],
    },
    { ...provider['max-resources'], ...pool['max-resources'] },
  );
}

interface PoolSection {
  name: string;
  priority?: number | undefined;
  'node-attributes'?: Record<string, unknown> | undefined;
}

/** A pool from its common options and what its driver made of the rest. */
export function poolReading<Options>(
  provider: { priority?: number | undefined },
  pool: PoolSection,
  rest: Pick<PoolConfig<Options>, 'limits' | 'labels' | 'options'> & Partial<PoolConfig>,
): PoolConfig<Options> {
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

/** All pools of a section. */
export function poolReadings<Pool>(
  pools: readonly Pool[] | undefined,
  context: ReadContext,
  read: (pool: Pool, path: Path) => PoolConfig,
): PoolConfig[] {
  const readings = (pools ?? []).map((pool, index) => read(pool, ['pools', index]));
  return [...byName(readings, ['pools'], context).values()];
}
