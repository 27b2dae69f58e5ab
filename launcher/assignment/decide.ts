/**
 * Whether a pool serves a request: a pure function on what the pool knows.
 *
 * - `accept`: with the plan where the nodes come from, and whether they fit now. One that does not is
 *   taken all the same and waits for quota, and the pool takes nothing else meanwhile: so a large
 *   request is not starved by small ones.
 * - `decline`: this pool never serves it.
 * - `defer`: not now; something else must change first.
 * - `ignore`: nothing to decide (not waiting, or declined before).
 *
 * The order of the questions is the original's, since launchers of both kinds decide on the same
 * requests (launcher.py, driver/__init__.py of Python Nodepool 11).
 */
import { MIN_READY_REQUESTOR, type RequestRecord } from '../../schemas/records/request.ts';
import type { Quota } from '../../schemas/quota.ts';
import { addQuota, missingFrom } from '../../shared/cloud/quota.ts';
import { launchAll, planFromInventory, planWithReady, type Plan } from './plan.ts';
import type { PoolView, RegisteredPool } from './pool-view.ts';
import { gapsOf, type DeclineCode, type DeferCode, type Reason } from './reasons.ts';

/**
 * So long a pool without room leaves a request to others that may have some. If none of them has taken
 * it by then (their room may be hosts that are all in use) it waits here, so that small requests
 * cannot pass a large one for ever.
 */
export const LEFT_TO_OTHERS_SECONDS = 10;

export type Decision =
  | {
      readonly kind: 'accept';
      readonly plan: Plan;
      readonly need: Quota;
      readonly fitsNow: boolean;
    }
  | { readonly kind: 'decline'; readonly reasons: readonly Reason<DeclineCode>[] }
  | { readonly kind: 'defer'; readonly reasons: readonly Reason<DeferCode>[] }
  | { readonly kind: 'ignore' };

export function decide(request: RequestRecord, view: PoolView): Decision {
  if (request.state !== 'requested' || request.declined_by.includes(view.id)) {
    return { kind: 'ignore' };
  }
  const candidates = candidatesFor(request, view.registered);
  const yielding = yieldTo(request, view, candidates);
  if (yielding) return { kind: 'defer', reasons: [yielding] };

  const declined = declineReasons(request, view);
  if (view.drained !== undefined && declined.length === 0) {
    return whileDrained(request, view, { candidates, text: view.drained });
  }
  const waiting = declined.length === 0 ? waitReasons(request, view) : tenantReasons(request, view);
  if (waiting.length > 0) return { kind: 'defer', reasons: waiting };
  if (declined.length > 0) return { kind: 'decline', reasons: declined };
  return accept(request, view, candidates);
}

/**
 * What `decide` looks at in a request, as text: requests of one kind get the same answer from the same
 * view.
 */
export function kindOf(request: RequestRecord, nowSeconds: number): string {
  const { state, node_types, declined_by, provider, reuse, requestor, tenant_name } = request;
  const isStock = requestor === MIN_READY_REQUESTOR;
  const one = [state, provider, tenant_name, reuse, isStock, isLeftToOthers(request, nowSeconds)];
  return JSON.stringify([one, node_types, declined_by]);
}

/** Pools online that have all labels and have not declined. */
export function candidatesFor(
  request: RequestRecord,
  registered: readonly RegisteredPool[],
): RegisteredPool[] {
  return registered.filter(
    (pool) =>
      !request.declined_by.includes(pool.id) &&
      request.node_types.every((label) => pool.labels.has(label)),
  );
}

/**
 * A drained pool keeps what it could serve waiting, instead of saying no: no is for ever, and the last
 * to say it fails the request. It says no to standby nodes, as it does without room; and to a request
 * that asks for its provider and that nobody else takes, since Python's launchers leave that to it.
 */
function whileDrained(
  request: RequestRecord,
  view: PoolView,
  { candidates, text }: { candidates: readonly RegisteredPool[]; text: string },
): Decision {
  const isStock = request.requestor === MIN_READY_REQUESTOR;
  const open = candidates.filter((pool) => !pool.isDrained);
  const areHeldUp =
    request.provider === view.provider &&
    !isLeftToOthers(request, view.nowSeconds) &&
    open.length > 0 &&
    open.every((pool) => pool.provider !== view.provider);
  if (isStock || areHeldUp) {
    return { kind: 'decline', reasons: [{ code: 'provider-drained', text }] };
  }
  return { kind: 'defer', reasons: [{ code: 'draining', text }] };
}

function yieldTo(
  request: RequestRecord,
  view: PoolView,
  candidates: readonly RegisteredPool[],
): Reason<DeferCode> | undefined {
  const { provider } = request;
  if (provider !== null && provider !== view.provider) {
    if (candidates.some((pool) => pool.provider === provider && !pool.isDrained)) {
      return { code: 'other-provider-preferred', text: `provider ${provider} is asked for` };
    }
  }
  const better = candidates.find(
    (pool) => pool.priority < view.priority && isRival(pool, request, view),
  );
  if (better) {
    return {
      code: 'better-pool',
      text: `a pool of provider ${better.provider} has priority ${better.priority}`,
    };
  }
  const other = candidates[0];
  if (other && request.node_types.some((label) => view.label(label) === undefined)) {
    return {
      code: 'other-pool-has-label',
      text: `a pool of provider ${other.provider} has the labels`,
    };
  }
  return undefined;
}

function waitReasons(request: RequestRecord, view: PoolView): Reason<DeferCode>[] {
  const reasons = tenantReasons(request, view);
  if (view.inventory && !planFromInventory(request.node_types, (label) => view.freeNodes(label))) {
    reasons.push({ code: 'no-free-host', text: 'not enough free hosts with the labels' });
  }
  if (view.isWaiting) {
    reasons.push({
      code: 'pool-waits-for-quota',
      text: 'a request before this one waits for quota in the pool',
    });
  }
  if (view.launching >= view.maxConcurrency) {
    reasons.push({
      code: 'max-concurrency',
      text: `${view.launching} launches under way, max-concurrency is ${view.maxConcurrency}`,
    });
  }
  return reasons;
}

function tenantReasons(request: RequestRecord, view: PoolView): Reason<DeferCode>[] {
  // Hosts that exist anyway take nothing of a tenant's quota.
  if (request.tenant_name === null || view.inventory) return [];
  const tenant = view.tenant(request.tenant_name);
  if (!tenant) return [];
  return missingFrom(tenant.limits, tenant.used, needOf(request.node_types, view)).map((gap) => ({
    code: 'tenant-quota',
    text: `tenant ${request.tenant_name ?? ''} needs ${gap.need} ${gap.name}, ${gap.left} left`,
    missing: gapsOf('tenant', [gap]),
  }));
}

function declineReasons(request: RequestRecord, view: PoolView): Reason<DeclineCode>[] {
  if ((view.poolLimits.instances ?? Infinity) <= 0) {
    return [{ code: 'pool-disabled', text: 'max-servers of the pool is 0' }];
  }
  const reasons: Reason<DeclineCode>[] = [];
  for (const label of new Set(request.node_types)) {
    const labelView = view.label(label);
    if (!labelView) {
      reasons.push({ code: 'label-missing', text: `no label ${label}` });
    } else if (labelView.offline !== undefined) {
      reasons.push({ code: 'label-offline', text: `label ${label}: ${labelView.offline}` });
    } else if (!labelView.hasImage) {
      reasons.push({ code: 'image-missing', text: `label ${label} has no image yet` });
    }
  }
  if (reasons.length > 0) return reasons;
  return view.inventory ? inventoryReasons(request, view.inventory) : quotaReasons(request, view);
}

function quotaReasons(request: RequestRecord, view: PoolView): Reason<DeclineCode>[] {
  const need = needOf(request.node_types, view);
  const gaps = [
    ...gapsOf('cloud', missingFrom(view.providerLimits, {}, need)),
    ...gapsOf('pool', missingFrom(view.poolLimits, {}, need)),
  ];
  return gaps.map((gap) => ({
    code: 'never-fits',
    text: `needs ${gap.need} ${gap.resource}, the ${gap.of} has ${gap.left} in all`,
    missing: [gap],
  }));
}

function inventoryReasons(
  request: RequestRecord,
  inventory: NonNullable<PoolView['inventory']>,
): Reason<DeclineCode>[] {
  const wanted = new Map<string, number>();
  for (const label of request.node_types) wanted.set(label, (wanted.get(label) ?? 0) + 1);
  const has = (label: string): number => inventory.get(label)?.length ?? 0;
  const reasons = [...wanted]
    .filter(([label, count]) => count > has(label))
    .map(([label, count]) => ({
      code: 'never-fits' as const,
      text: `needs ${count} hosts with label ${label}, ${has(label)} are configured`,
    }));
  if (reasons.length > 0 || wanted.size === 1) return reasons;
  // Each label has enough hosts; but a host that has several of them serves one place only.
  if (planFromInventory(request.node_types, (label) => inventory.get(label) ?? [])) return [];
  return [{ code: 'never-fits', text: 'needs more different hosts than are configured' }];
}

function accept(
  request: RequestRecord,
  view: PoolView,
  candidates: readonly RegisteredPool[],
): Decision {
  const free = (label: string): ReturnType<PoolView['freeNodes']> => view.freeNodes(label);
  if (view.inventory) {
    const plan = planFromInventory(request.node_types, free) ?? launchAll(request.node_types);
    return { kind: 'accept', plan, need: {}, fitsNow: true };
  }
  const plan = request.reuse
    ? planWithReady(request.node_types, free)
    : launchAll(request.node_types);
  const launches = request.node_types.filter((_, index) => plan.nodes[index] === undefined);
  const need = needOf(launches, view);
  const missing = [
    ...gapsOf('cloud', missingFrom(view.providerLimits, view.providerUsed, need)),
    ...gapsOf('pool', missingFrom(view.poolLimits, view.poolUsed, need)),
  ];
  const fitsNow = missing.length === 0;
  if (fitsNow) return { kind: 'accept', plan, need, fitsNow };
  if (request.requestor === MIN_READY_REQUESTOR) {
    return {
      kind: 'decline',
      reasons: [{ code: 'no-room-for-stock', text: 'no quota left for standby nodes', missing }],
    };
  }
  if (
    isLeftToOthers(request, view.nowSeconds) &&
    candidates.some((pool) => isOtherRival(pool, request, view))
  ) {
    return {
      kind: 'defer',
      reasons: [
        {
          code: 'quota-here-not-elsewhere',
          text: 'no quota left; others may have some',
          missing,
        },
      ],
    };
  }
  return { kind: 'accept', plan, need, fitsNow };
}

/** Whether the pool may serve the request instead of this one. Not while it is the one to yield. */
function isRival(pool: RegisteredPool, request: RequestRecord, view: PoolView): boolean {
  const isPreferred = request.provider === view.provider && pool.provider !== view.provider;
  return !pool.isPaused && !isPreferred;
}

function isLeftToOthers({ state_time }: RequestRecord, nowSeconds: number): boolean {
  return nowSeconds - state_time < LEFT_TO_OTHERS_SECONDS;
}

function isOtherRival(pool: RegisteredPool, request: RequestRecord, view: PoolView): boolean {
  return pool.id !== view.id && isRival(pool, request, view);
}

/** What the labels take together. */
function needOf(labels: readonly string[], view: PoolView): Quota {
  return labels.reduce<Quota>((sum, label) => addQuota(sum, view.label(label)?.need ?? {}), {});
}
