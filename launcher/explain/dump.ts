/**
 * What is going on in this launcher, for the log line on SIGUSR2.
 *
 * Rows are texts and each list is bounded, so that the whole stays within one line of the log, which
 * cuts what is longer than 64 KiB.
 */
import type { Quota } from '../../schemas/quota.ts';
import type { Pool } from '../pools/pool.ts';
import type { NodeProgress } from '../requests/progress.ts';
import type { Served } from '../requests/job.ts';
import { explainNode } from './request.ts';
import { sayDrain } from './say-drain.ts';
import type { ExplainParts } from './parts.ts';
import { explainWaiting } from './waiting.ts';

const MOST_ROWS = 50;
const MOST_CHARACTERS = 160;

export type Dump = Readonly<Record<string, unknown>>;

/** `nowMs` since 1970. `backgroundTasks`: work that goes on without anybody waiting for it. */
export function dump(parts: ExplainParts, nowMs: number, backgroundTasks: number): Dump {
  const { store, providers, pools, serving, deleter } = parts;
  const now = nowMs / 1000;
  const summary = explainWaiting(parts);
  return {
    session: store.client.session?.id.toString(16) ?? null,
    zookeeper: store.client.state,
    caches_current: store.isCurrent,
    caches: {
      requests: store.requests.cache.size,
      nodes: store.nodes.cache.size,
      components: store.components.cache.size,
      uploads: store.images.uploads.size,
    },
    requests_waiting: summary.waiting,
    requests_served_here: summary.serving,
    pools: rows(byUrgency(pools.all()), sayPool),
    waiting_for: rows(
      summary.reasons,
      ({ provider, pool, code, count }) => `${count} in ${provider}-${pool}: ${code}`,
    ),
    serving: rows(serving.all(), (served) => sayServed(served, now)),
    deletions: rows(deleter.running(), ({ node, sinceMs }) => `${node} ${age(now, sinceMs)}`),
    deletions_paused: rows(
      deleter.paused(),
      ({ node, failures, untilMs }) =>
        `${node} failed ${failures} times, again ${soon(now, untilMs)}`,
    ),
    drained: rows(store.drains.all(), sayDrain),
    absent_providers: rows(
      providers.absent(),
      ({ config, problem, againAtMs }) =>
        `${config.name}: ${problem ?? 'starting'}, again ${againAtMs === undefined ? 'now' : soon(now, againAtMs)}`,
    ),
    background_tasks: backgroundTasks,
  };
}

function rows<T>(items: Iterable<T>, say: (item: T) => string): string[] {
  const texts: string[] = [];
  let left = 0;
  for (const item of items) {
    if (texts.length >= MOST_ROWS) left++;
    else texts.push(cut(say(item)));
  }
  return left > 0 ? [...texts, `and ${left} more`] : texts;
}

function cut(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}...` : text;
}

/** Those that wait for room, then those with launches, then the others. */
function byUrgency(pools: Iterable<Pool>): Pool[] {
  const urgency = (pool: Pool): number =>
    (pool.isWaiting ? 2 : 0) + (pool.provider.ledger.launching > 0 ? 1 : 0);
  return [...pools].sort((a, b) => urgency(b) - urgency(a));
}

function sayPool(pool: Pool): string {
  const { poolLimits, poolUsed, providerLimits, providerUsed } = pool.capacity.now;
  const { maxConcurrency } = pool.provider.config;
  const { launching } = pool.provider.ledger;
  return [
    `${pool.key}: ${sayUse(poolUsed, poolLimits)}`,
    `cloud ${sayUse(providerUsed, providerLimits)}`,
    `reserved ${sayUse(pool.capacity.reserved, {})}`,
    `launching ${launching}${maxConcurrency === Infinity ? '' : `/${maxConcurrency}`}`,
    ...(pool.isWaiting ? ['waits for quota'] : []),
  ].join('; ');
}

/** Used and limit of each resource that has one or is used. */
function sayUse(used: Quota, limits: Quota): string {
  const names = new Set([...Object.keys(limits), ...Object.keys(used)]);
  const parts = [...names].flatMap((name) => {
    const limit = limits[name] ?? Infinity;
    const amount = used[name] ?? 0;
    if (limit === Infinity) return amount === 0 ? [] : [`${name} ${amount}`];
    return [`${name} ${amount}/${limit}`];
  });
  return parts.length === 0 ? 'nothing' : parts.join(' ');
}

function sayServed({ request, pool, progress }: Served, now: number): string {
  const nodes = progress.nodes.map((node) => sayNode(pool, node, now));
  return `${request.id} in ${pool.key} ${age(now, progress.since * 1000)}: ${nodes.join(', ')}`;
}

function sayNode(pool: Pool, node: NodeProgress, now: number): string {
  const { label, phase, since, attempt, attempts, missing } = explainNode(pool, node);
  const gaps = missing.map(({ of, resource, need, left }) => `${of} ${resource} ${left}/${need}`);
  return [
    label,
    ...(node.node === undefined ? [] : [node.node]),
    phase,
    age(now, since * 1000),
    ...(attempt === null ? [] : [`attempt ${attempt}/${attempts}`]),
    ...(gaps.length === 0 ? [] : [`(left/needed: ${gaps.join(', ')})`]),
  ].join(' ');
}

function age(nowSeconds: number, sinceMs: number): string {
  return `for ${Math.max(0, Math.round(nowSeconds - sinceMs / 1000))} s`;
}

function soon(nowSeconds: number, atMs: number): string {
  return `in ${Math.max(0, Math.round(atMs / 1000 - nowSeconds))} s`;
}
