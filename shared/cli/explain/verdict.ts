/**
 * The answer in one line: what a request waits for, from all that is known. Pure.
 *
 * Pools yield to each other, so of several reasons that one counts which yields to nobody.
 */
import { sayDuration } from '../../base/words.ts';
import type { ExplainedNode, ExplainedReason } from '../../../schemas/explanation.ts';
import type { Evidence, PoolRow, Verdict } from './model.ts';
import { sayCount, sayGaps } from './words.ts';

export function verdictOf(evidence: Evidence, nowSeconds: number): Verdict {
  switch (evidence.request.state) {
    case 'fulfilled':
      return {
        code: 'fulfilled',
        text: `is fulfilled: ${sayCount(evidence.nodes.length, 'node')} ready for whoever asked`,
      };
    case 'failed':
      return failed(evidence);
    case 'pending':
      return served(evidence, nowSeconds);
    default:
      // A launcher may have taken it after we read its record.
      return evidence.serving ? served(evidence, nowSeconds) : waiting(evidence, nowSeconds);
  }
}

/** The name by which operators know a pool, as in the log. */
export function poolName({ provider, pool }: { provider: string; pool: string }): string {
  return `${provider}-${pool}`;
}

function failed({ pools }: Evidence): Verdict {
  const reasons = pools.flatMap((pool) =>
    pool.answer === 'decline' ? pool.reasons.map(({ text }) => `${poolName(pool)}: ${text}`) : [],
  );
  const why = reasons.length > 0 ? reasons.join('; ') : 'no pool online could serve it';
  return { code: 'failed', text: `has failed: ${why}` };
}

function served(evidence: Evidence, nowSeconds: number): Verdict {
  const { serving, nodes, request } = evidence;
  if (serving) {
    const name = poolName(serving);
    const ready = serving.nodes.filter(({ phase }) => phase === 'ready').length;
    const of = `${ready} of ${sayCount(serving.nodes.length, 'node')} ready`;
    const waitingNode = serving.nodes.find(({ phase }) => phase === 'waiting-for-room');
    if (waitingNode) {
      const behind = serving.before.count > 0 ? ` behind ${serving.before.requests[0] ?? ''}` : '';
      const gaps = sayGaps(waitingNode.missing);
      const what = gaps === '' ? '' : `: ${gaps}`;
      return { code: 'quota', text: `waits for quota in ${name}${behind}${what}; ${of}` };
    }
    const node = serving.nodes.find(({ phase }) => phase !== 'ready');
    const how = node ? `; ${sayProgress(node, nowSeconds)}` : '';
    return { code: 'launching', text: `is being served by ${name}: ${of}${how}` };
  }
  if (nodes.length > 0) {
    const places = [...new Set(nodes.map((node) => `${node.provider ?? ''}-${node.pool ?? ''}`))];
    const ready = nodes.filter(({ state }) => state === 'ready').length;
    const of = `${ready} of ${sayCount(request.labels.length, 'node')} ready`;
    return {
      code: 'served-elsewhere',
      text: `is being served by ${places.join(', ')}, whose launcher cannot be asked: ${of}`,
    };
  }
  if (request.is_locked) {
    return {
      code: 'served-elsewhere',
      text: 'is being served by a launcher that cannot be asked; it has no node yet',
    };
  }
  return {
    code: 'abandoned',
    text: 'is pending, but nobody serves it: its launcher is gone, and any launcher takes it up',
  };
}

/** What one node is at. */
export function sayProgress(node: ExplainedNode, nowSeconds: number): string {
  const { label, phase, since, attempt, attempts } = node;
  const which = node.node === null ? label : `${label} (node ${node.node})`;
  const tries = attempt === null ? '' : `, attempt ${attempt} of ${attempts}`;
  const age = sayDuration(nowSeconds - since);
  return `${which}: ${phase.replaceAll('-', ' ')} for ${age}${tries}`;
}

function waiting(evidence: Evidence, nowSeconds: number): Verdict {
  const { pools, request } = evidence;
  const candidates = pools.filter(
    ({ answer }) => answer === 'accept' || answer === 'defer' || answer === 'unknown',
  );
  if (candidates.length === 0) return nobody(evidence, nowSeconds);
  const accepting = candidates.find(({ answer }) => answer === 'accept');
  if (accepting) {
    const text = request.is_locked
      ? 'is just being taken: its lock is held'
      : `is next: ${poolName(accepting)} takes it at its next turn`;
    return { code: 'next', text };
  }
  const known = bestReason(candidates);
  if (known) return sayReason(evidence, known.pool, known.reason);
  const unknown = candidates.find(({ answer }) => answer === 'unknown');
  if (unknown) {
    const paused = unknown.is_paused ? '; it waits for quota, says ZooKeeper' : '';
    const text = `is left to ${poolName(unknown)}, whose launcher ${unknown.launcher} cannot be asked${paused}`;
    return { code: 'unknown', text };
  }
  const [first] = candidates;
  const reason = first?.reasons[0];
  return { code: reason?.code ?? 'unknown', text: `waits: ${reason?.text ?? 'nobody says why'}` };
}

/** Reasons that yield to nobody, the most telling ones first. */
const RANKS = [
  'quota-here-not-elsewhere',
  'tenant-quota',
  'no-free-host',
  'max-concurrency',
  'pool-waits-for-quota',
  'draining',
  'not-registered',
];

function bestReason(
  candidates: readonly PoolRow[],
): { pool: PoolRow; reason: ExplainedReason } | undefined {
  const all = candidates.flatMap((pool) => pool.reasons.map((reason) => ({ pool, reason })));
  for (const code of RANKS) {
    const found = all.find(({ reason }) => reason.code === code);
    if (found) return found;
  }
  return undefined;
}

function sayReason(evidence: Evidence, pool: PoolRow, reason: ExplainedReason): Verdict {
  const { code, text, missing } = reason;
  const name = poolName(pool);
  const gaps = missing.length > 0 ? sayGaps(missing) : text;
  switch (code) {
    case 'quota-here-not-elsewhere':
      return { code: 'quota', text: `waits for quota in ${name}: ${gaps}` };
    case 'tenant-quota': {
      // One reason for each resource.
      const all = pool.reasons.flatMap((one) => (one.code === code ? one.missing : []));
      const tenant = evidence.request.tenant ?? '';
      return { code, text: `waits for quota of tenant ${tenant}: ${sayGaps(all)}` };
    }
    case 'no-free-host':
      return { code, text: `waits for a free host in ${name}: ${text}` };
    case 'max-concurrency':
      return { code, text: `waits for launches to end in ${name}: ${text}` };
    case 'pool-waits-for-quota': {
      const [first = 'a request'] = pool.before.requests;
      return { code, text: `waits behind ${first}, for which ${name} waits for quota` };
    }
    case 'draining':
      return { code, text: `waits for ${name}: ${text}; nodepool drain --list shows by whom` };
    default:
      return { code, text: `waits for ${name}: ${text}` };
  }
}

/** No pool online is left to serve it. */
function nobody({ pools, absent, request }: Evidence, nowSeconds: number): Verdict {
  const [broken] = absent;
  if (broken) {
    const again =
      broken.again_at === null
        ? ''
        : `; tried again in ${sayDuration(broken.again_at - nowSeconds)}`;
    return {
      code: 'provider-absent',
      text: `waits for provider ${broken.provider}, which does not run: ${broken.reason}${again}`,
    };
  }
  if (pools.length === 0) return { code: 'no-pool', text: 'waits: no launcher has a pool online' };
  if (pools.some(({ answer }) => answer === 'decline')) {
    return { code: 'declined', text: 'has been declined by every pool online that has its labels' };
  }
  const labels = [...new Set(request.labels)].join(', ');
  return { code: 'nobody', text: `waits for nobody: no pool online has its labels (${labels})` };
}
