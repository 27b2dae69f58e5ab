/**
 * Looks at one object until it is as somebody wants it, in the way that costs least of those that we may
 * use:
 *
 *   a watch of all that are ours -> a watch of this object alone -> gets, with pauses that grow
 *
 * Python Nodepool gets objects one by one, so gets are all that a role made for it allows; a user of
 * OpenShift watches projects of their own only. A way that is refused is left for ten minutes, and said
 * once. A watch may fall silent without a sign: every so often the object is asked for beside it.
 */
import type { Clock } from '../../base/clock.ts';
import { NodepoolError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { joinSignals, sleep, throwIfAborted } from '../../base/wait.ts';
import { isForbidden } from './client/errors.ts';
import type { KubeObject } from './client/objects.ts';
import type { Known, Watched } from './client/watches.ts';

/** What is used of a watch. */
export type Watching<T extends KubeObject> = Pick<Watched<T>, 'until' | 'close'>;

/** An object by its name, in a namespace or in none. */
export interface Place {
  readonly namespace?: string | undefined;
  readonly name: string;
}

export interface SightOptions<T extends KubeObject> {
  /** For the log: `pods`. */
  readonly kind: string;
  /** A watch of all that are ours. Undefined: there is none for this object. */
  readonly wide: (place: Place) => WideWatch<T> | undefined;
  /** A new watch of the object alone. Absent: there is nothing between all and one get. */
  readonly narrow?: (place: Place) => Watching<T>;
  /** The object as it is now. */
  readonly get: (place: Place, signal: AbortSignal) => Promise<T | undefined>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Longest pause between two gets. */
  readonly pollSeconds: number;
  /** Between two gets beside a watch. */
  readonly netSeconds: number;
}

export interface WideWatch<T extends KubeObject> {
  readonly watched: Watching<T>;
  /** How the watch knows the object. */
  readonly key: string;
}

/** Answers what a wait is there for; undefined: it goes on. `object`: undefined where none is known. */
export type Look<T, R> = (object: T | undefined) => R | undefined | Promise<R | undefined>;

type Way = 'wide' | 'narrow';

const FIRST_PAUSE_MS = 25;
const REFUSED_MS = 600_000;

export class Sight<T extends KubeObject> {
  readonly #options: SightOptions<T>;
  /** Until when a way is not tried, on the clock's monotonic scale. */
  readonly #refusedUntilMs = new Map<Way, number>();
  readonly #said = new Set<Way>();

  constructor(options: SightOptions<T>) {
    this.#options = options;
  }

  /** What this process did before the call is seen. */
  async until<R>(place: Place, look: Look<T, R>, signal: AbortSignal): Promise<R> {
    const { wide, narrow } = this.#options;
    const all = wide(place);
    if (all !== undefined && this.#mayTry('wide')) {
      const { watched, key } = all;
      const found = await this.#try('wide', () =>
        this.#netted(place, look, signal, (inner) =>
          watched.until((objects) => look(objects.get(key)), inner),
        ),
      );
      if (found !== undefined) return found.result;
    }
    if (narrow !== undefined && this.#mayTry('narrow')) {
      const watched = narrow(place);
      try {
        const found = await this.#try('narrow', () =>
          this.#netted(place, look, signal, (inner) =>
            watched.until((objects) => look(onlyOf(objects)), inner),
          ),
        );
        if (found !== undefined) return found.result;
      } finally {
        watched.close();
      }
    }
    return this.#byGets(place, look, signal);
  }

  async #byGets<R>(place: Place, look: Look<T, R>, signal: AbortSignal): Promise<R> {
    const { get, clock, pollSeconds } = this.#options;
    // Nothing that is awaited is so at once.
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, pollSeconds * 1000)) {
      await sleep(clock, pauseMs, signal);
      const found = await look(await get(place, signal));
      if (found !== undefined) return found;
    }
  }

  /** What comes first: the watch's answer, or a get's. */
  async #netted<R>(
    place: Place,
    look: Look<T, R>,
    outer: AbortSignal,
    watch: (signal: AbortSignal) => Promise<R>,
  ): Promise<{ readonly result: R }> {
    const ending = new AbortController();
    const { signal, dispose } = joinSignals([outer, ending.signal]);
    const running = [watch(signal), this.#net(place, look, signal)];
    try {
      return { result: await Promise.race(running) };
    } finally {
      ending.abort(new NodepoolError('NP_ABORTED', 'it was seen otherwise'));
      await Promise.allSettled(running);
      dispose();
    }
  }

  /** Ends with an answer, or with its signal. */
  async #net<R>(place: Place, look: Look<T, R>, signal: AbortSignal): Promise<R> {
    const { get, clock, netSeconds } = this.#options;
    for (;;) {
      await sleep(clock, netSeconds * 1000, signal);
      // A failure is the watch's to tell of.
      const seen = await get(place, signal).then(wrapped, () => undefined);
      throwIfAborted(signal);
      const found = seen && (await look(seen.object));
      if (found !== undefined) return found;
    }
  }

  #mayTry(way: Way): boolean {
    return this.#options.clock.monotonic() >= (this.#refusedUntilMs.get(way) ?? -Infinity);
  }

  /** Undefined: the way is refused. */
  async #try<R>(way: Way, work: () => Promise<R>): Promise<R | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!isForbidden(error)) throw error;
      const { kind, clock, log } = this.#options;
      this.#refusedUntilMs.set(way, clock.monotonic() + REFUSED_MS);
      if (!this.#said.has(way))
        log.warn('a watch is forbidden: objects are asked for one by one', { kind, way, error });
      this.#said.add(way);
      return undefined;
    }
  }
}

/** Apart from there being no answer. */
function wrapped<T>(object: T): { readonly object: T } {
  return { object };
}

function onlyOf<T>(objects: Known<T>): T | undefined {
  const [first] = objects.values();
  return first;
}
