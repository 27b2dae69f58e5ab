/**
 * Brings together what ZooKeeper and the launchers tell about a request. Pure.
 *
 * A pool whose launcher has answered speaks for itself. Of any other pool only that is known which its
 * entry in ZooKeeper and the request's record say: labels, priority, paused, declined.
 */
import type { Before, ExplainedReason } from '../../../schemas/explanation.ts';
import type { ComponentRecord } from '../../../schemas/records/component.ts';
import type { LauncherAnswer } from './ask.ts';
import type { Facts } from './facts.ts';
import type { Evidence, Explanation, PoolRow } from './model.ts';
import { verdictOf } from './verdict.ts';

export function explain(
  facts: Facts,
  answers: readonly LauncherAnswer[],
  nowSeconds: number,
): Explanation {
  const told = answers.flatMap(({ explanation }) => explanation ?? []);
  const serving = told.find((one) => one.serving !== null);
  const evidence: Evidence = {
    request: requestOf(facts),
    serving: serving?.serving ? { ...serving.serving, launcher: serving.launcher } : null,
    pools: poolsOf(facts, answers),
    nodes: facts.nodes.map(({ id, record, isLocked }) => ({
      id,
      provider: record.provider,
      pool: record.pool,
      labels: record.type,
      state: record.state,
      since: record.state_time,
      is_locked: isLocked,
    })),
    absent: told.flatMap(({ launcher, absent }) => absent.map((one) => ({ ...one, launcher }))),
    launchers: answers.map(({ hostname, url, status, problem, explanation }) => ({
      hostname: hostname ?? explanation?.launcher ?? null,
      url,
      status,
      problem: problem ?? null,
      is_current: explanation?.is_current ?? null,
    })),
  };
  const { request, ...rest } = evidence;
  return { request, verdict: verdictOf(evidence, nowSeconds), ...rest };
}

function requestOf({ request: { id, record }, isLocked }: Facts): Explanation['request'] {
  return {
    id,
    state: record.state,
    since: record.state_time,
    created: record.created_time,
    labels: record.node_types,
    requestor: record.requestor,
    tenant: record.tenant_name,
    provider: record.provider,
    relative_priority: record.relative_priority,
    event_id: record.event_id,
    is_locked: isLocked,
  };
}

/** Pools that have something to do with the request first. */
function poolsOf(facts: Facts, answers: readonly LauncherAnswer[]): PoolRow[] {
  const paused = new Set(facts.pools.filter((pool) => pool.paused === true).map(({ id }) => id));
  const rows = answers.flatMap(({ explanation }) =>
    (explanation?.pools ?? []).map((pool): PoolRow => {
      const { launcher } = explanation ?? { launcher: '' };
      const answer = lacksOnlyLabels(pool.reasons) ? 'no-labels' : pool.answer;
      return {
        ...pool,
        answer,
        launcher,
        is_paused: paused.has(pool.id),
        source: 'launcher',
      };
    }),
  );
  const isWaiting =
    facts.request.record.state === 'requested' &&
    answers.every(({ explanation }) => !explanation?.serving);
  const known = new Set(rows.map(({ id }) => id));
  const others = facts.pools
    .filter(({ id }) => id !== undefined && !known.has(id))
    .map((pool) => rowOf(facts, pool))
    // Once a pool has the request, what others might say does not matter.
    .filter(({ answer }) => isWaiting || answer !== 'unknown');
  const order = ['accept', 'defer', 'unknown', 'decline', 'no-labels'];
  return [...rows, ...others].sort((a, b) => order.indexOf(a.answer) - order.indexOf(b.answer));
}

const LABEL_CODES: ReadonlySet<string> = new Set(['label-missing', 'other-pool-has-label']);

function lacksOnlyLabels(reasons: readonly ExplainedReason[]): boolean {
  return reasons.length > 0 && reasons.every(({ code }) => LABEL_CODES.has(code));
}

/** A pool of a launcher that could not be asked. */
function rowOf(facts: Facts, pool: ComponentRecord): PoolRow {
  const { record } = facts.request;
  const id = pool.id ?? '';
  const labels = new Set(pool.supported_labels ?? []);
  const hasLabels = record.node_types.every((label) => labels.has(label));
  const hasDeclined = record.declined_by.includes(id);
  return {
    id,
    provider: pool.provider_name ?? '',
    pool: pool.name ?? '',
    launcher: pool.hostname,
    answer: !hasLabels ? 'no-labels' : hasDeclined ? 'decline' : 'unknown',
    reasons: [],
    since: null,
    before: hasLabels ? beforeAt(facts, id, labels) : { count: 0, requests: [] },
    is_paused: pool.paused ?? false,
    source: 'zookeeper',
  };
}

const MOST_NAMED = 10;

function beforeAt({ earlier }: Facts, pool: string, labels: ReadonlySet<string>): Before {
  const ids = earlier
    .filter(({ record }) => !record.declined_by.includes(pool))
    .filter(({ record }) => record.node_types.every((label) => labels.has(label)))
    .map(({ id }) => id);
  return { count: ids.length, requests: ids.slice(0, MOST_NAMED) };
}
