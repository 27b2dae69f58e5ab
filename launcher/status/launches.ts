/**
 * The launches that run and those that ended last, with the times of their phases, for `/status`.
 * Looks on through the journal. What has ended is kept as plain data, and only so much of it.
 */
import type { LaunchStatus } from '../../schemas/launcher-status.ts';
import type { Clock } from '../../shared/base/clock.ts';
import { safeText } from '../../shared/telemetry/safe-value.ts';
import { seconds } from '../context.ts';
import type { Served } from '../requests/job.ts';
import type { Journal } from '../requests/journal.ts';
import type { NodeProgress } from '../requests/progress.ts';

/** For one look at all; also so many ended ones are kept. */
export const MOST_LAUNCHES = 500;

/** After these nothing follows for a node. */
const LAST_PHASES: ReadonlySet<string> = new Set(['ready', 'given-up']);

export class Launches {
  readonly #clock: Clock;
  /** In the order in which they began; the number is for the key. */
  readonly #running = new Map<Served, number>();
  /** The newest last. */
  readonly #ended: LaunchStatus[] = [];
  #begun = 0;

  constructor(journal: Journal, clock: Clock) {
    this.#clock = clock;
    journal.watch({
      begun: (served) => {
        this.#running.set(served, ++this.#begun);
      },
      ended: (served) => {
        this.#end(served);
      },
    });
  }

  /** Those under way, the oldest first; then those that ended, the newest first. */
  all(): LaunchStatus[] {
    const found: LaunchStatus[] = [];
    for (const [served, number] of this.#running) {
      for (const index of served.progress.nodes.keys()) {
        if (found.length === MOST_LAUNCHES) return found;
        const launch = launchOf(served, number, index);
        if (launch) found.push(launch);
      }
    }
    for (const launch of this.#ended.toReversed()) {
      if (found.length === MOST_LAUNCHES) return found;
      found.push(launch);
    }
    return found;
  }

  #end(served: Served): void {
    const number = this.#running.get(served);
    if (number === undefined) return;
    this.#running.delete(served);
    for (const index of served.progress.nodes.keys()) {
      const launch = launchOf(served, number, index);
      if (launch) this.#ended.push({ ...launch, ended: launch.ended ?? seconds(this.#clock) });
    }
    this.#ended.splice(0, Math.max(0, this.#ended.length - MOST_LAUNCHES));
  }
}

function launchOf(served: Served, number: number, index: number): LaunchStatus | undefined {
  const { request, pool, progress } = served;
  const node = progress.nodes[index];
  return (
    node && {
      // A request that was handed back may be served here once more.
      key: `${request.id}/${number}/${index}`,
      request: request.id,
      event_id: request.record.event_id ?? null,
      provider: pool.provider.name,
      pool: pool.name,
      attempts: pool.provider.config.launchRetries,
      ...progressOf(node),
    }
  );
}

function progressOf(
  node: NodeProgress,
): Pick<LaunchStatus, 'label' | 'node' | 'attempt' | 'problem' | 'steps' | 'ended'> {
  return {
    label: node.label,
    node: node.node ?? null,
    attempt: node.attempt ?? null,
    problem: node.problem === undefined ? null : safeText(node.problem),
    steps: node.steps.map(({ phase, since, attempt }) => ({
      ...{ phase, since },
      attempt: attempt ?? null,
    })),
    ended: LAST_PHASES.has(node.phase) ? node.since : null,
  };
}
