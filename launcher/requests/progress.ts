/**
 * How far a request that is being served has come, node by node, for people who ask. Written along the
 * way, read on demand; nothing decides by it.
 */
import type { NodePhase } from '../../schemas/explanation.ts';
import type { Clock } from '../../shared/base/clock.ts';
import { seconds } from '../context.ts';

/** One node of the request. */
export class NodeProgress {
  readonly label: string;
  /** The node's id, once it is known. */
  node: string | undefined;
  /** From 1; undefined before the first one. */
  attempt: number | undefined;
  /** Why the last attempt failed. */
  problem: string | undefined;
  readonly #clock: Clock;
  #phase: NodePhase = 'beginning';
  #since: number;

  constructor(label: string, clock: Clock) {
    this.label = label;
    this.#clock = clock;
    this.#since = seconds(clock);
  }

  get phase(): NodePhase {
    return this.#phase;
  }

  /** When the phase began, in Unix seconds. */
  get since(): number {
    return this.#since;
  }

  enter(phase: NodePhase): void {
    this.#phase = phase;
    this.#since = seconds(this.#clock);
  }
}

export class Progress {
  /** When it was accepted, in Unix seconds. */
  readonly since: number;
  /** In the order of the labels. */
  readonly nodes: readonly NodeProgress[];

  constructor(labels: readonly string[], clock: Clock) {
    this.since = seconds(clock);
    this.nodes = labels.map((label) => new NodeProgress(label, clock));
  }
}
