/**
 * Why one request is where it is, as far as this launcher knows.
 *
 * A waiting request is decided on once more, from what is known at this moment, so amounts are of now;
 * since when a pool gives the same reasons comes from its last real decision.
 */
import type {
  AbsentProvider,
  ExplainedNode,
  ExplainedReason,
  ExplainedServing,
  LauncherExplanation,
  PoolAnswer,
} from '../../schemas/explanation.ts';
import type { StoredRequest } from '../../shared/store/requests.ts';
import { safeText } from '../../shared/telemetry/safe-value.ts';
import { codesOf, type Answer } from '../assignment/answers.ts';
import { decide } from '../assignment/decide.ts';
import { gapsOf, type Reason } from '../assignment/reasons.ts';
import type { Pool } from '../pools/pool.ts';
import type { NodeProgress } from '../requests/progress.ts';
import type { Served } from '../requests/job.ts';
import { beforeServed, beforeWaiting } from './before.ts';
import type { ExplainParts } from './parts.ts';

/** Pools and nodes that are listed; more belong to no real installation. */
const MOST_LISTED = 200;

/** Undefined: there is no such request. */
export function explainRequest(parts: ExplainParts, id: string): LauncherExplanation | undefined {
  const request = parts.store.requests.get(id);
  if (!request) return undefined;
  const served = parts.serving.served(id);
  return {
    launcher: parts.hostname,
    is_current: parts.store.isCurrent,
    is_busy: !parts.serving.mayStart,
    request: id,
    state: request.record.state,
    serving: served ? explainServed(parts, served) : null,
    pools: explainPools(parts, request),
    absent: explainAbsent(parts, request),
  };
}

function explainServed(parts: ExplainParts, served: Served): ExplainedServing {
  const { pool, progress } = served;
  return {
    id: pool.id,
    provider: pool.provider.name,
    pool: pool.name,
    since: progress.since,
    before: beforeServed(parts, served),
    nodes: progress.nodes.slice(0, MOST_LISTED).map((node) => explainNode(pool, node)),
  };
}

export function explainNode(pool: Pool, node: NodeProgress): ExplainedNode {
  const isWaiting = node.phase === 'waiting-for-room';
  const { need } = pool.provider.label(pool.name, node.label);
  const gaps = isWaiting ? pool.capacity.gaps(need) : { cloud: [], pool: [] };
  return {
    label: node.label,
    phase: node.phase,
    since: node.since,
    node: node.node ?? null,
    attempt: node.attempt ?? null,
    attempts: pool.provider.config.launchRetries,
    problem: node.problem === undefined ? null : safeText(node.problem),
    missing: [...gapsOf('cloud', gaps.cloud), ...gapsOf('pool', gaps.pool)],
  };
}

function explainPools(parts: ExplainParts, request: StoredRequest): PoolAnswer[] {
  const answers = parts.answers.of(request.id);
  const pools = [...parts.pools.all()];
  const labels = request.record.node_types;
  const ordered = [
    ...pools.filter((pool) => pool.serves(labels)),
    ...pools.filter((pool) => !pool.serves(labels)),
  ];
  return ordered.slice(0, MOST_LISTED).flatMap((pool) => {
    const kept = answers.find((answer) => answer.pool === pool);
    const answer = answerOf(parts, request, { pool, kept });
    if (!answer) return [];
    const before = pool.serves(labels)
      ? beforeWaiting(parts, request, pool)
      : { count: 0, requests: [] };
    const { id, name, provider } = pool;
    return [{ id, provider: provider.name, pool: name, ...answer, before }];
  });
}

/** Undefined: the pool has nothing to say. */
function answerOf(
  parts: ExplainParts,
  request: StoredRequest,
  { pool, kept }: { readonly pool: Pool; readonly kept: Answer | undefined },
): Pick<PoolAnswer, 'answer' | 'reasons' | 'since'> | undefined {
  const { record } = request;
  const asKept = kept && { answer: kept.kind, ...told(kept.reasons, kept) };
  if (record.declined_by.includes(pool.id)) {
    if (kept?.kind === 'decline') return asKept;
    return { answer: 'decline', ...told(labelsMissing(request, pool), undefined) };
  }
  if (!parts.online.isOnline(pool.id)) {
    const reason = { code: 'not-registered', text: 'the pool is not registered yet', missing: [] };
    return { answer: 'defer', reasons: [reason], since: null };
  }
  const decision = decide(record, pool.view(parts.online.withLabels(record.node_types)));
  if (decision.kind === 'ignore') return asKept;
  if (decision.kind === 'accept') return { answer: 'accept', reasons: [], since: null };
  return { answer: decision.kind, ...told(decision.reasons, kept) };
}

function told(
  reasons: readonly Reason[],
  kept: Answer | undefined,
): Pick<PoolAnswer, 'reasons' | 'since'> {
  const isSame = kept !== undefined && codesOf(kept.reasons) === codesOf(reasons);
  return { reasons: reasons.map(plain), since: isSame ? kept.sinceMs / 1000 : null };
}

/** A reason may repeat what a cloud said. */
function plain({ code, text, missing = [] }: Reason): ExplainedReason {
  return { code, text: safeText(text), missing: [...missing] };
}

function labelsMissing({ record }: StoredRequest, pool: Pool): Reason[] {
  return [...new Set(record.node_types)]
    .filter((label) => !pool.serves([label]))
    .map((label) => ({ code: 'label-missing', text: `no label ${label}` }));
}

/** Providers that would serve the request if they ran. */
function explainAbsent(parts: ExplainParts, { record }: StoredRequest): AbsentProvider[] {
  const absent: AbsentProvider[] = [];
  for (const { config, problem, againAtMs } of parts.providers.absent()) {
    const wouldServe = config.pools.some((pool) =>
      record.node_types.every((label) => pool.labels.has(label)),
    );
    if (!wouldServe || absent.length >= MOST_LISTED) continue;
    absent.push({
      provider: config.name,
      reason: problem === undefined ? 'it is still starting' : safeText(problem),
      again_at: againAtMs === undefined ? null : againAtMs / 1000,
    });
  }
  return absent;
}
