/**
 * The creation of servers, so that none is made twice and none is forgotten.
 *
 * Nova takes no token for repetitions, and names are not unique. So where the answer to a creation
 * is lost, we look for a server with the node's tags before we ask again; and a creation whose launch
 * is broken off is carried to its end in the background, and what it made is deleted.
 */
import type { Clock } from '../../base/clock.ts';
import { hasCode, hasLabel, NodepoolError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { sleep, throwIfAborted, untilAborted } from '../../base/wait.ts';
import { Patience } from '../../cloud/patience.ts';
import { Slots } from '../../cloud/slots.ts';
import { isOfSameNode } from '../../cloud/tags.ts';
import type { LaunchSpec } from '../driver.ts';
import { isDeleted, type Compute, type ServerRequest } from './client/compute.ts';

/** Creations at once: a nova-api worker takes seconds for each, and more of them do not speed it up. */
const AT_ONCE = 20;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8000;
/** A nova-api that is being restarted is away for less than a minute, and costs no attempt then. */
const CREATION_PATIENCE = { mostFailures: 3, unreachableMs: 60_000 };
/** Nodes whose servers are remembered; the oldest are forgotten. */
const MOST_NODES = 20_000;

export interface CreationsOptions {
  readonly compute: Compute;
  readonly clock: Clock;
  readonly log: Logger;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Nova refuses what it was asked for: it may have been chosen from outdated lists. */
  readonly onRefusal: () => void;
}

/** By attempt: the server's id; undefined while it is not known whether there is one. */
type Attempts = Map<number, string | undefined>;

export class Creations {
  readonly #options: CreationsOptions;
  readonly #slots = new Slots(AT_ONCE);
  readonly #nodes = new Map<string, Attempts>();
  readonly #closing = new AbortController();

  constructor(options: CreationsOptions) {
    this.#options = options;
  }

  /** Resolves with the id of the launch's server; a second call for a launch with the same. */
  async create(spec: LaunchSpec, request: ServerRequest, signal: AbortSignal): Promise<string> {
    throwIfAborted(signal);
    const known = this.#attempts(spec.nodeId).get(spec.attempt);
    if (known !== undefined) return known;
    let isWanted = true;
    const making = this.#slots.run(this.#closing.signal, () =>
      // Broken off while it waited for its turn: nothing has been made.
      isWanted ? this.#make(spec, request, () => isWanted) : Promise.resolve(undefined),
    );
    try {
      const id = await untilAborted(making, signal);
      if (id === undefined) throw new NodepoolError('NP_ABORTED', 'the launch was given up');
      return id;
    } catch (error) {
      isWanted = false;
      if (signal.aborted) this.#undo(spec, making);
      throw error;
    }
  }

  /** The node is gone, and its servers with it. */
  forget(nodeId: string): void {
    this.#nodes.delete(nodeId);
  }

  /** Ends what runs, in the background too; the tags tell whose the servers are. */
  close(): void {
    this.#closing.abort(new NodepoolError('NP_ABORTED', 'the provider is closed'));
  }

  async #make(spec: LaunchSpec, request: ServerRequest, isWanted: () => boolean): Promise<string> {
    const { clock, random, onRefusal } = this.#options;
    const { signal } = this.#closing;
    const attempts = this.#attempts(spec.nodeId);
    const patience = new Patience({ ...CREATION_PATIENCE, clock });
    for (let tries = 1; ; tries++) {
      try {
        return await this.#makeOnce(spec, request);
      } catch (error) {
        throwIfAborted(signal);
        if (hasCode(error, 'NP_CLOUD_FATAL')) onRefusal();
        const isUnsure = attempts.has(spec.attempt);
        if (!hasLabel(error, 'retryable') || (!isUnsure && !isWanted())) throw error;
        if (patience.endsWith(error)) return await this.#lastLook(spec, isUnsure, error);
        const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS);
        await sleep(clock, pauseMs * (0.5 + random()), signal);
      }
    }
  }

  async #makeOnce(spec: LaunchSpec, request: ServerRequest): Promise<string> {
    const attempts = this.#attempts(spec.nodeId);
    const isUnsure = attempts.has(spec.attempt);
    const found = isUnsure ? await this.#find(spec) : undefined;
    if (found !== undefined) return this.#keep(spec, found);
    attempts.set(spec.attempt, undefined);
    try {
      const { compute } = this.#options;
      return this.#keep(spec, await compute.createServer(request, this.#closing.signal));
    } catch (error) {
      if (!isUnsure && !hasLabel(error, 'ambiguous')) attempts.delete(spec.attempt);
      throw error;
    }
  }

  async #lastLook(spec: LaunchSpec, isUnsure: boolean, error: unknown): Promise<string> {
    const found = isUnsure ? await this.#find(spec) : undefined;
    if (found === undefined) throw error;
    return this.#keep(spec, found);
  }

  /** A server with the node's tags, which is none of its earlier attempts. */
  async #find(spec: LaunchSpec): Promise<string | undefined> {
    const servers = await this.#options.compute.servers(this.#closing.signal, `^${spec.hostname}$`);
    const earlier = new Set(this.#attempts(spec.nodeId).values());
    return servers.find(
      (server) =>
        !earlier.has(server.id) &&
        !isDeleted(server) &&
        isOfSameNode(server.metadata, spec.metadata),
    )?.id;
  }

  #keep(spec: LaunchSpec, id: string): string {
    this.#attempts(spec.nodeId).set(spec.attempt, id);
    return id;
  }

  /** Deletes what a creation makes that nobody waits for any more. */
  #undo(spec: LaunchSpec, making: Promise<string | undefined>): void {
    const { compute, log } = this.#options;
    const { signal } = this.#closing;
    making
      .then(async (id) => {
        if (id !== undefined) await compute.deleteServer(id, signal);
      })
      .catch((error: unknown) => {
        if (signal.aborted) return;
        log.debug('server of a launch that was given up', { node: spec.nodeId, error });
      });
  }

  #attempts(nodeId: string): Attempts {
    const known = this.#nodes.get(nodeId);
    if (known !== undefined) return known;
    for (const oldest of this.#nodes.keys()) {
      if (this.#nodes.size < MOST_NODES) break;
      this.#nodes.delete(oldest);
    }
    const attempts: Attempts = new Map();
    this.#nodes.set(nodeId, attempts);
    return attempts;
  }
}
