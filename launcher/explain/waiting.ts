/**
 * What all requests of this launcher wait for, counted: `/explain` and the dump.
 *
 * Made of what the pools said last; nothing is decided anew, so thousands of requests cost little.
 */
import { nodePhases, type NodePhase } from '../../schemas/explanation.ts';
import type { WaitingReason } from '../../schemas/launcher-status.ts';
import { safeText } from '../../shared/telemetry/safe-value.ts';
import type { Answer } from '../assignment/answers.ts';
import type { Pool } from '../pools/pool.ts';
import type { ExplainParts } from './parts.ts';

export interface WaitingSummary {
  readonly launcher: string;
  readonly is_current: boolean;
  readonly is_busy: boolean;
  /** Requests in state `requested`, those for other launchers included. */
  readonly waiting: number;
  /** Of these, those about which no own pool has said anything that is worth a reason. */
  readonly without_answer: number;
  /** Most frequent first. A request counts once for each pool and reason. */
  readonly reasons: WaitingReason[];
  /** Requests that own pools serve. */
  readonly serving: number;
  /** Their nodes by phase. */
  readonly phases: Readonly<Partial<Record<NodePhase, number>>>;
}

const MOST_NAMED = 10;
const MOST_REASONS = 500;

/** `each`: told of every waiting request, in the order of service: putting them in order costs most. */
export function explainWaiting(
  parts: ExplainParts,
  each?: (request: string, answers: readonly Answer[]) => void,
): WaitingSummary {
  // By pool and code: no code is both a defer's and a decline's.
  const found = new Map<Pool, Map<string, WaitingReason>>();
  let entries = 0;
  let waiting = 0;
  let without = 0;
  for (const request of parts.store.requests.waiting.inOrder(() => true)) {
    waiting++;
    const answers = parts.answers.of(request.id);
    if (answers.length === 0) without++;
    each?.(request.id, answers);
    for (const { pool, kind, reasons } of answers) {
      let ofPool = found.get(pool);
      if (!ofPool) found.set(pool, (ofPool = new Map<string, WaitingReason>()));
      for (const { code, text } of reasons) {
        let entry = ofPool.get(code);
        if (!entry) {
          if (entries++ >= MOST_REASONS) continue;
          const where = { provider: pool.provider.name, pool: pool.name };
          entry = { ...where, answer: kind, code, text: safeText(text), count: 0, requests: [] };
          ofPool.set(code, entry);
        }
        entry.count++;
        if (entry.requests.length < MOST_NAMED) entry.requests.push(request.id);
      }
    }
  }
  return {
    launcher: parts.hostname,
    is_current: parts.store.isCurrent,
    is_busy: !parts.serving.mayStart,
    waiting,
    without_answer: without,
    reasons: [...found.values()]
      .flatMap((ofPool) => [...ofPool.values()])
      .sort((a, b) => b.count - a.count),
    serving: parts.serving.size,
    phases: phasesOf(parts),
  };
}

function phasesOf(parts: ExplainParts): Partial<Record<NodePhase, number>> {
  const counts = new Map<NodePhase, number>();
  for (const { progress } of parts.serving.all()) {
    for (const { phase } of progress.nodes) counts.set(phase, (counts.get(phase) ?? 0) + 1);
  }
  return Object.fromEntries(
    nodePhases.flatMap((phase) => {
      const count = counts.get(phase);
      return count === undefined ? [] : [[phase, count]];
    }),
  );
}
