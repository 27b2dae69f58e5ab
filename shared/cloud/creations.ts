/**
 * The creation of machines, so that none is made twice and none is forgotten, in clouds that choose
 * the id of what they make.
 *
 * A creation whose launch is broken off is carried to its end in the background, and what it made is
 * deleted, since nobody was told of it. Where an answer is lost, the same is asked for again: a cloud
 * that takes a token for repetitions gives what it has made already; in one that takes none, `find`
 * looks for it first.
 */
import { randomUUID } from 'node:crypto';

import type { Clock } from '../base/clock.ts';
import { hasCode, hasLabel, NodepoolError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { sleep, throwIfAborted, untilAborted } from '../base/wait.ts';
import { Patience } from './patience.ts';
import { Slots } from './slots.ts';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8000;
/** An API that is being restarted is away for less than a minute, and costs no attempt then. */
const CREATION_PATIENCE = { mostFailures: 3, unreachableMs: 60_000 };
/** Nodes whose machines are remembered; the oldest are forgotten. */
const MOST_NODES = 20_000;

/** Which machine: the first, second, ... that is made for a node. */
export interface Launch {
  readonly nodeId: string;
  readonly attempt: number;
}

/** The cloud's part. The signal is aborted only when the provider is closed. */
export interface CreationSteps<L extends Launch, R> {
  /**
   * Makes the machine and resolves with its id. `token` is the same for all tries of one launch, and
   * nobody else's: 32 hexadecimal digits.
   */
  readonly make: (request: R, token: string, signal: AbortSignal) => Promise<string>;
  /**
   * Looks for a machine that was made for the launch though the answer was lost, and is none of
   * `earlier`. Absent: `make` gives it, by the token.
   */
  readonly find?: (
    launch: L,
    earlier: ReadonlySet<string | undefined>,
    signal: AbortSignal,
  ) => Promise<string | undefined>;
  /** Begins the deletion of what nobody waits for any more. */
  readonly unmake: (id: string, signal: AbortSignal) => Promise<unknown>;
}

export interface CreationsOptions<L extends Launch, R> {
  readonly steps: CreationSteps<L, R>;
  /** Creations at once. */
  readonly atOnce: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** The cloud refuses what it was asked for: it may have been chosen from outdated lists. */
  readonly onRefusal?: () => void;
  /** 32 hexadecimal digits that nobody else has. Default: a random UUID. */
  readonly newToken?: () => string;
}

/** One attempt to launch a node, of which the cloud may know. */
interface Attempt {
  readonly token: string;
  /** Undefined while it is not known whether there is a machine. */
  id: string | undefined;
  /** The answer to a call was lost. */
  isUnsure: boolean;
}

export class Creations<L extends Launch, R> {
  readonly #options: CreationsOptions<L, R>;
  readonly #slots: Slots;
  readonly #nodes = new Map<string, Map<number, Attempt>>();
  readonly #closing = new AbortController();

  constructor(options: CreationsOptions<L, R>) {
    this.#options = options;
    this.#slots = new Slots(options.atOnce);
  }

  /** Resolves with the id of the launch's machine; a second call for a launch with the same. */
  async create(launch: L, request: R, signal: AbortSignal): Promise<string> {
    throwIfAborted(signal);
    const known = this.#attempt(launch).id;
    if (known !== undefined) return known;
    let isWanted = true;
    const making = this.#slots.run(this.#closing.signal, () =>
      // Broken off while it waited for its turn: nothing has been made.
      isWanted ? this.#make(launch, request, () => isWanted) : Promise.resolve(undefined),
    );
    try {
      const id = await untilAborted(making, signal);
      if (id === undefined) throw new NodepoolError('NP_ABORTED', 'the launch was given up');
      return id;
    } catch (error) {
      isWanted = false;
      if (signal.aborted) this.#undo(launch, making);
      throw error;
    }
  }

  /** The node is gone, and its machines with it. */
  forget(nodeId: string): void {
    this.#nodes.delete(nodeId);
  }

  /** Ends what runs, in the background too; the tags tell whose the machines are. */
  close(): void {
    this.#closing.abort(new NodepoolError('NP_ABORTED', 'the provider is closed'));
  }

  async #make(launch: L, request: R, isWanted: () => boolean): Promise<string> {
    const { clock, random, onRefusal } = this.#options;
    const { signal } = this.#closing;
    const attempt = this.#attempt(launch);
    const patience = new Patience({ ...CREATION_PATIENCE, clock });
    for (let tries = 1; ; tries++) {
      try {
        return await this.#makeOnce(launch, request);
      } catch (error) {
        throwIfAborted(signal);
        if (hasCode(error, 'NP_CLOUD_FATAL')) onRefusal?.();
        if (!hasLabel(error, 'retryable') || (!attempt.isUnsure && !isWanted())) throw error;
        if (patience.endsWith(error)) return await this.#lastLook(launch, error);
        const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS);
        await sleep(clock, pauseMs * (0.5 + random()), signal);
      }
    }
  }

  async #makeOnce(launch: L, request: R): Promise<string> {
    const attempt = this.#attempt(launch);
    attempt.id ??= await this.#found(launch);
    if (attempt.id !== undefined) return attempt.id;
    try {
      const { steps } = this.#options;
      attempt.id = await steps.make(request, attempt.token, this.#closing.signal);
      return attempt.id;
    } catch (error) {
      if (this.#closing.signal.aborted || hasLabel(error, 'ambiguous')) attempt.isUnsure = true;
      throw error;
    }
  }

  async #lastLook(launch: L, error: unknown): Promise<string> {
    const id = await this.#found(launch);
    if (id === undefined) throw error;
    this.#attempt(launch).id = id;
    return id;
  }

  async #found(launch: L): Promise<string | undefined> {
    const { find } = this.#options.steps;
    if (find === undefined || !this.#attempt(launch).isUnsure) return undefined;
    const earlier = [...this.#attempts(launch.nodeId).values()].map(({ id }) => id);
    return find(launch, new Set(earlier), this.#closing.signal);
  }

  /** Deletes what a creation makes that nobody waits for any more. */
  #undo(launch: L, making: Promise<string | undefined>): void {
    const { steps, log } = this.#options;
    const { signal } = this.#closing;
    making
      .then(async (id) => {
        if (id !== undefined) await steps.unmake(id, signal);
      })
      .catch((error: unknown) => {
        if (signal.aborted) return;
        log.debug('machine of a launch that was given up', { node: launch.nodeId, error });
      });
  }

  #attempt({ nodeId, attempt: number }: Launch): Attempt {
    const attempts = this.#attempts(nodeId);
    const known = attempts.get(number);
    if (known !== undefined) return known;
    const { newToken = randomToken } = this.#options;
    const attempt: Attempt = { token: newToken(), id: undefined, isUnsure: false };
    attempts.set(number, attempt);
    return attempt;
  }

  #attempts(nodeId: string): Map<number, Attempt> {
    const known = this.#nodes.get(nodeId);
    if (known !== undefined) return known;
    for (const oldest of this.#nodes.keys()) {
      if (this.#nodes.size < MOST_NODES) break;
      this.#nodes.delete(oldest);
    }
    const attempts = new Map<number, Attempt>();
    this.#nodes.set(nodeId, attempts);
    return attempts;
  }
}

function randomToken(): string {
  return randomUUID().replaceAll('-', '');
}
