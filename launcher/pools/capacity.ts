/**
 * Room for nodes in a pool: what is left of its own limits and of its provider's, launches that have
 * just begun included, and who waits for it.
 *
 * A node counts in the caches from the moment its znode exists. Until then its need is reserved here,
 * so that two decisions in one turn never give away the same room.
 */
import type { Quota } from '../../schemas/quota.ts';
import { addQuota, missingFrom, subtractQuota, type QuotaGap } from '../../shared/cloud/quota.ts';
import { abortReason, onAbort } from '../../shared/base/wait.ts';
import type { StoredRequest } from '../../shared/store/requests.ts';
import { compareRequests } from '../../shared/store/waiting.ts';

/** Sums of needs that no cache knows of yet. */
export class Ledger {
  #reserved: Quota = {};
  readonly #onLaunchEnded: () => void;
  /** Launches under way, those included that have been decided on and not yet begun. */
  launching = 0;
  /** The request for which another has given its nodes up: while it waits nobody else gets room. */
  favoured: string | undefined;

  /** Calls back when a launch has ended, well or not. */
  constructor(onLaunchEnded: () => void = () => undefined) {
    this.#onLaunchEnded = onLaunchEnded;
  }

  launchEnded(): void {
    this.launching--;
    this.#onLaunchEnded();
  }

  get reserved(): Quota {
    return this.#reserved;
  }

  add(need: Quota): void {
    this.#reserved = addQuota(this.#reserved, need);
  }

  subtract(need: Quota): void {
    this.#reserved = subtractQuota(this.#reserved, need);
  }
}

export interface Limits {
  readonly poolLimits: Quota;
  readonly poolUsed: Quota;
  readonly providerLimits: Quota;
  readonly providerUsed: Quota;
}

/** Room that is kept for one node, and its place among the launches under way. */
export interface Reservation {
  /** Gives the room back: the node counts in the caches. Only the first call counts. */
  release(): void;
  /** Gives all back: the launch has ended, or is not begun at all. Only the first call counts. */
  end(): void;
}

/** A request waits for room for one of its nodes. */
export interface Waiting {
  readonly request: StoredRequest;
  readonly need: Quota;
}

interface Waiter extends Waiting {
  readonly resolve: (reservation: Reservation) => void;
}

export class Capacity {
  readonly #pool = new Ledger();
  readonly #provider: Ledger;
  /** From the caches: without what is only reserved. */
  readonly #limits: () => Limits;
  /** In the order of service. */
  readonly #waiters: Waiter[] = [];
  readonly #onWaiting: (gaps: readonly QuotaGap[]) => void;

  constructor(options: {
    provider: Ledger;
    limits: () => Limits;
    /** Somebody waits and this is missing; undefined need: nobody waits any more. */
    onWaiting: (gaps: readonly QuotaGap[]) => void;
  }) {
    this.#provider = options.provider;
    this.#limits = options.limits;
    this.#onWaiting = options.onWaiting;
  }

  /** Limits and use of now, reservations included. */
  get now(): Limits {
    const limits = this.#limits();
    return {
      ...limits,
      poolUsed: addQuota(limits.poolUsed, this.#pool.reserved),
      providerUsed: addQuota(limits.providerUsed, this.#provider.reserved),
    };
  }

  /** Kept for launches whose nodes no cache knows of yet; part of `now`. */
  get reserved(): Quota {
    return this.#pool.reserved;
  }

  /** Who waits, in the order of service: each node of a request that has no room. */
  get waiting(): readonly Waiting[] {
    return this.#waiters;
  }

  /** What is missing for the need. Empty: it fits. */
  missing(need: Quota): QuotaGap[] {
    const { cloud, pool } = this.gaps(need);
    return [...cloud, ...pool];
  }

  /** The same, by the limit that says so. */
  gaps(need: Quota): { cloud: readonly QuotaGap[]; pool: readonly QuotaGap[] } {
    const now = this.now;
    return {
      cloud: missingFrom(now.providerLimits, now.providerUsed, need),
      pool: missingFrom(now.poolLimits, now.poolUsed, need),
    };
  }

  /** Keeps room without asking whether there is any: for who has just asked. */
  reserve(need: Quota): Reservation {
    this.#pool.add(need);
    this.#provider.add(need);
    this.#provider.launching++;
    let isOpen = true;
    let hasEnded = false;
    const release = (): void => {
      if (!isOpen) return;
      isOpen = false;
      this.#pool.subtract(need);
      this.#provider.subtract(need);
    };
    const end = (): void => {
      release();
      if (hasEnded) return;
      hasEnded = true;
      this.#provider.launchEnded();
    };
    return { release, end };
  }

  /**
   * Resolves with room for the need. Requests have their turn in the order of service, whenever they
   * asked: one whose launch the cloud refused waits once more, and comes before those after it. Only
   * the signal ends the wait.
   */
  wait(need: Quota, request: StoredRequest, signal: AbortSignal): Promise<Reservation> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(abortReason(signal));
        return;
      }
      const waiter: Waiter = {
        ...{ request, need },
        resolve: (reservation) => {
          forget();
          resolve(reservation);
        },
      };
      const forget = onAbort(signal, () => {
        this.#leave(waiter);
        reject(abortReason(signal));
        this.changed();
      });
      const after = this.#waiters.findIndex((other) => compareRequests(other.request, request) > 0);
      this.#waiters.splice(after < 0 ? this.#waiters.length : after, 0, waiter);
      this.changed();
    });
  }

  /** Limits or use have changed: serves who waits, in their order. */
  changed(): void {
    for (let first = this.#waiters[0]; first; first = this.#waiters[0]) {
      const { favoured } = this.#provider;
      if (favoured !== undefined && favoured !== first.request.id) return;
      const gaps = this.missing(first.need);
      if (gaps.length > 0) {
        this.#onWaiting(gaps);
        return;
      }
      this.#leave(first);
      first.resolve(this.reserve(first.need));
    }
  }

  #leave(waiter: Waiter): void {
    const at = this.#waiters.indexOf(waiter);
    if (at >= 0) this.#waiters.splice(at, 1);
  }
}
