/** Limits that change: of pools, providers and tenants, beside what is used now. Pure. */
import { isDeepStrictEqual } from 'node:util';

import type { Config, PoolConfig } from '../../../schemas/config/model.ts';
import type { Quota } from '../../../schemas/quota.ts';
import { sumQuota } from '../../cloud/quota.ts';
import type { NodeView } from '../../web/source.ts';
import { changesOf, type Change, type Finding, type Snapshot } from './model.ts';

export function limitChanges(
  before: Config,
  after: Config,
  snapshot: Snapshot | undefined,
): Change[] {
  const used = usage(snapshot?.nodes ?? []);
  const pools = [...after.providers.values()].flatMap((provider) => {
    const old = before.providers.get(provider.name);
    if (old === undefined) return [];
    return [
      ...concurrency(provider.name, old.maxConcurrency, provider.maxConcurrency),
      ...provider.pools.flatMap((pool) => {
        const was = old.pools.find(({ name }) => name === pool.name);
        return was === undefined ? [] : poolChanges(provider.name, was, pool, used);
      }),
    ];
  });
  const names = new Set([...before.tenantLimits.keys(), ...after.tenantLimits.keys()]);
  const tenants = [...names].flatMap((tenant) =>
    differences(`tenant ${tenant}`, {
      ...{ old: before.tenantLimits.get(tenant) ?? {}, now: after.tenantLimits.get(tenant) ?? {} },
      used: used.get(`tenant\0${tenant}`),
    }),
  );
  return changesOf('limits', [...pools, ...tenants]);
}

type Used = ReadonlyMap<string, Quota>;

function poolChanges(provider: string, was: PoolConfig, is: PoolConfig, used: Used): Finding[] {
  if (isDeepStrictEqual(was.limits, is.limits)) return [];
  return differences(`${provider}-${is.name}`, {
    ...{ old: was.limits, now: is.limits },
    used: used.get(`pool\0${provider}\0${is.name}`),
  });
}

/** One for each resource. */
function differences(
  subject: string,
  {
    old,
    now,
    used = {},
  }: { readonly old: Quota; readonly now: Quota; readonly used?: Quota | undefined },
): Finding[] {
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((resource) => {
    const [was, is] = [old[resource] ?? Infinity, now[resource] ?? Infinity];
    if (was === is) return [];
    const taken = used[resource] ?? 0;
    const isBelow = is < taken;
    const beside = isBelow
      ? `; ${taken} are used: what runs stays, and nothing new is launched before use is below the limit`
      : '';
    return [
      {
        ...{ mark: is > was ? '+' : '-', code: isBelow ? 'limit-below-use' : 'limit-changed' },
        ...{ subject, text: `${resource} ${amount(was)} -> ${amount(is)}${beside}` },
      } as const,
    ];
  });
}

function concurrency(subject: string, was: number, is: number): Finding[] {
  if (was === is) return [];
  const stops = is === 0 ? ': it takes no requests any more; what runs goes on' : '';
  const text = `max-concurrency ${amount(was)} -> ${amount(is)}${stops}`;
  return [{ mark: is > was ? '+' : '-', code: 'limit-changed', subject, text }];
}

function amount(limit: number): string {
  return limit === Infinity ? 'unlimited' : String(limit);
}

/** By pool and tenant, as shared/store/usage.ts counts. */
function usage(nodes: readonly NodeView[]): Used {
  const lists = new Map<string, Quota[]>();
  const count = (key: string, quota: Quota): void => {
    const known = lists.get(key);
    if (known) known.push(quota);
    else lists.set(key, [quota]);
  };
  for (const { record } of nodes) {
    const { provider, pool, tenant_name, resources, state, allocated_to } = record;
    if (resources === null) continue;
    count(`pool\0${provider ?? ''}\0${pool ?? ''}`, resources);
    const isFree = state === 'ready' && allocated_to === null;
    if (tenant_name !== null && !isFree) count(`tenant\0${tenant_name}`, resources);
  }
  return new Map([...lists].map(([key, all]) => [key, sumQuota(all)]));
}
