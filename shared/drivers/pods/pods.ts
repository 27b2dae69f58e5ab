/**
 * Pods: made, and awaited until they run.
 *
 *   create (again while the namespace is not ready for it) -> sight until it runs
 *     |-> failed: at once
 *     |-> stuck (an image that cannot be pulled, ...): when it has been so for a minute
 *     +-> 300 s: capacity where the scheduler finds no place for it
 */
import type { Clock } from '../../base/clock.ts';
import { CloudError } from '../../base/errors.ts';
import { sleep, withDeadline } from '../../base/wait.ts';
import type { Cluster } from './client/cluster.ts';
import type { Collection } from './client/collection.ts';
import { isTaken, isTooEarly } from './client/errors.ts';
import type { Pod } from './client/objects.ts';
import { isSame } from './ids.ts';
import { lateError, podState, type PodState } from './pod-state.ts';
import type { Place, Sight } from './sight.ts';

/** Until a pod has to run; Python Nodepool's 300 polls of a second. */
const RUN_SECONDS = 300;
/** The kubelet's own pauses between two tries begin with ten seconds. */
const STUCK_SECONDS = 60;
/** A namespace that is new gets its default service account within a moment. */
const EARLY_SECONDS = 30;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

export interface PodsOptions {
  readonly clock: Clock;
  readonly cluster: Cluster;
  readonly sight: Sight<Pod>;
}

export class Pods {
  readonly #options: PodsOptions;

  constructor(options: PodsOptions) {
    this.#options = options;
  }

  /** Resolves when there is a pod of the name; false: there was one before. */
  async create(pods: Collection<Pod>, body: Pod, signal: AbortSignal): Promise<boolean> {
    const { clock } = this.#options;
    const endMs = clock.monotonic() + EARLY_SECONDS * 1000;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        await pods.create(body, signal);
        return true;
      } catch (error) {
        if (isTaken(error)) return false;
        if (!isTooEarly(error) || clock.monotonic() >= endMs) throw error;
      }
      await sleep(clock, pauseMs, signal);
    }
  }

  /** Resolves with a pod that runs. */
  async untilRunning(place: Place, signal: AbortSignal): Promise<Pod> {
    const { clock } = this.#options;
    let last: PodState = { is: 'coming' };
    const ms = RUN_SECONDS * 1000;
    const error = (): Error => lateError(place.name, last, RUN_SECONDS);
    return withDeadline({ clock, ms, signal, error }, async (inner) => {
      for (;;) {
        const seen = await this.#seen(place, inner, (state) => {
          last = state;
          return state.is === 'stuck';
        });
        if (seen.state.is === 'running') return seen.pod;
        await this.#untilUnstuck(place, inner, (state) => {
          last = state;
        });
      }
    });
  }

  /** Resolves when the pod is gone, or another of its name is there. */
  async untilGone(place: Place, pod: Pod, signal: AbortSignal): Promise<void> {
    await this.#options.sight.until(place, (known) => !isSame(known, pod) || undefined, signal);
  }

  /** Looks until the pod runs, or is as the caller waits for; throws where it never will. */
  #seen(
    place: Place,
    signal: AbortSignal,
    isAwaited: (state: PodState) => boolean,
  ): Promise<{ readonly pod: Pod; readonly state: PodState }> {
    const { sight, cluster } = this.#options;
    return sight.until(
      place,
      async (known) => {
        // It was made before the first look: where a watch does not show it, the cluster knows.
        const pod = known ?? (await cluster.pods(place.namespace).get(place.name, signal));
        if (pod === undefined) throw goneError(place.name);
        const state = podState(pod);
        if (state.is === 'failed') throw state.error;
        return isAwaited(state) || state.is === 'running' ? { pod, state } : undefined;
      },
      signal,
    );
  }

  /** A time that is not long enough for the kubelet to go on is an error. */
  async #untilUnstuck(
    place: Place,
    signal: AbortSignal,
    learn: (state: PodState) => void,
  ): Promise<void> {
    const { clock } = this.#options;
    let last: PodState = { is: 'coming' };
    const ms = STUCK_SECONDS * 1000;
    const error = (): Error => lateError(place.name, last, STUCK_SECONDS);
    await withDeadline({ clock, ms, signal, error }, (inner) =>
      this.#seen(place, inner, (state) => {
        learn(state);
        last = state;
        return state.is !== 'stuck';
      }),
    );
  }
}

function goneError(name: string): CloudError {
  return new CloudError('NP_CLOUD_TRANSIENT', `pod ${name} was deleted by somebody else`, {
    labels: ['retryable'],
  });
}
