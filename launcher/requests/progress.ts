/**
 * How far a request that is being served has come, node by node, for people who ask and for those who
 * measure. Written along the way; nothing decides by it.
 */
import type { NodePhase } from '../../schemas/explanation.ts';
import type { Clock } from '../../shared/base/clock.ts';
import { seconds } from '../context.ts';

/** One stay of a node in a phase. */
export interface PhaseStep {
  readonly phase: NodePhase;
  /** When it began, in Unix seconds. */
  readonly since: number;
  /** From 1; undefined before the first attempt. */
  readonly attempt: number | undefined;
  /** Why it was left, if something failed in it. */
  readonly problem?: string;
}

/** A node that is refused room again and again keeps the newest steps. */
const MOST_STEPS = 64;

/** One node of the request. */
export class NodeProgress {
  readonly label: string;
  /** The node's id, once it is known. */
  node: string | undefined;
  /** From 1; undefined before the first one. */
  attempt: number | undefined;
  /** What failed in the phase that it is in. */
  #failed: string | undefined;
  #problem: string | undefined;
  readonly #clock: Clock;
  readonly #onStep: (node: NodeProgress, left: PhaseStep) => void;
  readonly #past: PhaseStep[] = [];
  #now: PhaseStep;

  /** `onStep`: told after each step, of the phase that has been left. */
  constructor(
    label: string,
    clock: Clock,
    onStep: (node: NodeProgress, left: PhaseStep) => void = () => undefined,
  ) {
    this.label = label;
    this.#clock = clock;
    this.#onStep = onStep;
    this.#now = { phase: 'beginning', since: seconds(clock), attempt: undefined };
  }

  /** Why the last attempt failed. */
  get problem(): string | undefined {
    return this.#problem;
  }

  set problem(problem: string | undefined) {
    this.#problem = problem;
    this.#failed = problem;
  }

  get phase(): NodePhase {
    return this.#now.phase;
  }

  /** When the phase began, in Unix seconds. */
  get since(): number {
    return this.#now.since;
  }

  /** All phases so far, the newest last. */
  get steps(): readonly PhaseStep[] {
    return [...this.#past, this.#now];
  }

  enter(phase: NodePhase): void {
    const left = this.#failed === undefined ? this.#now : { ...this.#now, problem: this.#failed };
    this.#failed = undefined;
    this.#past.push(left);
    if (this.#past.length >= MOST_STEPS) this.#past.shift();
    this.#now = { phase, since: seconds(this.#clock), attempt: this.attempt };
    this.#onStep(this, left);
  }
}

export class Progress {
  /** When it was accepted, in Unix seconds. */
  readonly since: number;
  /** In the order of the labels. */
  readonly nodes: readonly NodeProgress[];

  constructor(
    labels: readonly string[],
    clock: Clock,
    onStep?: ConstructorParameters<typeof NodeProgress>[2],
  ) {
    this.since = seconds(clock);
    this.nodes = labels.map((label) => new NodeProgress(label, clock, onStep));
  }
}
