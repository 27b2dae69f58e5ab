/**
 * Gives idle backing nodes back, in the moment in which that is due.
 *
 * Since when a node is idle is known to this process only: after a restart its grace time begins
 * anew, as in the original. Of several launchers the first one that finds it due acts.
 */
import type { Clock } from '../../base/clock.ts';
import { hasCode } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { Borrowing } from '../driver.ts';
import type { Backing } from './backing.ts';
import { isEmpty, releaseAt, type Terms } from './plan.ts';

/** Pause after a release that failed; it is tried until it works. */
const RETRY_MS = 5_000;

export interface ReleasesOptions {
  readonly borrowing: Borrowing;
  readonly clock: Clock;
  readonly log: Logger;
  /** Of a label of our configuration; undefined: it is not there. */
  readonly terms: (label: string) => Terms | undefined;
  /** What is known now. */
  readonly backings: () => ReadonlyMap<string, Backing>;
  /** Asks for a `turn`, soon. */
  readonly onChange: () => void;
}

export class Releases {
  readonly #options: ReleasesOptions;
  /** Unix seconds. */
  readonly #emptySince = new Map<string, number>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();
  #cancelTimer: (() => void) | undefined;

  constructor(options: ReleasesOptions) {
    this.#options = options;
  }

  /** Nodes that are being given back; they take nobody any more. */
  isLeaving(id: string): boolean {
    return this.#running.has(id);
  }

  turn(backings: ReadonlyMap<string, Backing>): void {
    for (const id of [...this.#emptySince.keys()]) {
      if (!backings.has(id)) this.#emptySince.delete(id);
    }
    const nowSeconds = this.#options.clock.now() / 1000;
    let next = Infinity;
    for (const backing of backings.values()) {
      const at = this.#dueAt(backing, nowSeconds);
      if (at <= nowSeconds) this.#release(backing.node.id);
      else next = Math.min(next, at);
    }
    this.#wakeAfter((next - nowSeconds) * 1000);
  }

  async close(): Promise<void> {
    this.#cancelTimer?.();
    this.#closing.abort();
    await Promise.allSettled(this.#running.values());
  }

  #dueAt(backing: Backing, nowSeconds: number): number {
    const { id } = backing.node;
    if (!isEmpty(backing)) {
      this.#emptySince.delete(id);
      return Infinity;
    }
    // A clock that went backwards does not make the grace time longer.
    const since = Math.min(this.#emptySince.get(id) ?? nowSeconds, nowSeconds);
    this.#emptySince.set(id, since);
    const { terms, borrowing } = this.#options;
    const known = terms(backing.label);
    // A launcher with another configuration has the label: the node is its affair.
    if (!known && borrowing.isOffered(backing.label)) return Infinity;
    return releaseAt(backing, known, since);
  }

  #release(id: string): void {
    if (this.#running.has(id) || this.#closing.signal.aborted) return;
    const { log, onChange } = this.#options;
    const work = this.#giveBack(id)
      .catch((error: unknown) => {
        if (this.#closing.signal.aborted || hasCode(error, 'NP_NODE_CHANGED')) return;
        log.warn('backing node not released yet; tried again', { node: id, error });
        this.#wakeAfter(RETRY_MS);
      })
      .finally(() => {
        this.#running.delete(id);
        onChange();
      });
    this.#running.set(id, work);
  }

  async #giveBack(id: string): Promise<void> {
    const { borrowing, backings, log } = this.#options;
    const node = borrowing.get(id);
    if (!node) return;
    await borrowing.settled(this.#closing.signal);
    const backing = backings().get(id);
    if (!backing || !isEmpty(backing)) return;
    log.info('backing node is released', { node: id, label: backing.label });
    await borrowing.giveBack(node);
  }

  #wakeAfter(ms: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (ms === Infinity || this.#closing.signal.aborted) return;
    this.#cancelTimer = this.#options.clock.after(ms, () => {
      this.#cancelTimer = undefined;
      this.#options.onChange();
    });
  }
}
