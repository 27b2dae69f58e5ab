/**
 * Deletes nodes that are done with: in the cloud first, then their znodes. Acts when a node's state
 * or lock changes, and tries for ever.
 *
 * A node is garbage when it is unlocked in a state in which somebody should hold its lock (`building`,
 * `in-use`), or in one that says so (`used`, `deleting`, `failed`, `aborted`, `deleted`). While the
 * lock is held by us it is safe to stop anywhere: the next try goes on.
 */
import { DELETABLE_STATES } from '../../schemas/records/node.ts';
import { hasCode, hasLabel } from '../../shared/base/errors.ts';
import { eachInTurns } from '../../shared/base/turns.ts';
import { joinSignals } from '../../shared/base/wait.ts';
import type { OwnedNode, StoredNode } from '../../shared/store/nodes.ts';
import type { RegisteredPool } from '../assignment/pool-view.ts';
import { seconds, toState, type Context } from '../context.ts';
import type { ProviderRuntime } from '../providers/provider-runtime.ts';
import { deleteMachine } from './delete-machine.ts';
import { isResponsible } from './responsible.ts';

/** First pause after somebody else had the lock: nothing may tell when it is free. */
const CONTENDED_MS = 50;
/** Longest pause between two tries on one node. */
const LAST_RETRY_MS = 60_000;

export interface DeleterOptions {
  readonly context: Context;
  /** A running provider; undefined: not ours. */
  readonly provider: (name: string) => ProviderRuntime | undefined;
  readonly registered: () => readonly RegisteredPool[];
  readonly ownPools: () => ReadonlySet<string>;
  /** First pause after a failure, in seconds. */
  readonly retrySeconds: () => number;
}

export class NodeDeleter {
  readonly #options: DeleterOptions;
  readonly #context: Context;
  /** When the try under way began, by node, in milliseconds since 1970. */
  readonly #running = new Map<string, number>();
  /** Tries in vain by node, and the pause until the next one. */
  readonly #failures = new Map<string, number>();
  readonly #paused = new Map<string, { readonly untilMs: number; readonly cancel: () => void }>();
  readonly #stopping = new AbortController();
  #cancelSweep: (() => void) | undefined;

  constructor(options: DeleterOptions) {
    this.#options = options;
    this.#context = options.context;
  }

  /** A node or its lock has changed. */
  consider(node: StoredNode): void {
    if (this.#isGarbage(node) && this.#isOurs(node)) this.#start(node);
  }

  /** Considers all nodes. */
  considerAll(): void {
    this.#each((node) => {
      this.consider(node);
    });
  }

  /** Takes what nobody else has taken, whoever should have. */
  sweep(): void {
    this.#each((node) => {
      if (this.#isGarbage(node)) this.#start(node);
    });
  }

  /** As `sweep`, once for all who ask in the same turn: forty providers start together. */
  sweepSoon(): void {
    if (this.#cancelSweep) return;
    this.#cancelSweep = this.#context.clock.after(0, () => {
      this.#cancelSweep = undefined;
      this.sweep();
    });
  }

  /** The node is gone. */
  forget(id: string): void {
    this.#paused.get(id)?.cancel();
    this.#paused.delete(id);
    this.#failures.delete(id);
  }

  /** Deletions under way. */
  *running(): Generator<{ node: string; sinceMs: number }> {
    for (const [node, sinceMs] of this.#running) yield { node, sinceMs };
  }

  /** Deletions that failed and are tried again. */
  *paused(): Generator<{ node: string; failures: number; untilMs: number }> {
    for (const [node, { untilMs }] of this.#paused) {
      yield { node, failures: this.#failures.get(node) ?? 0, untilMs };
    }
  }

  stop(): void {
    this.#stopping.abort();
    for (const { cancel } of this.#paused.values()) cancel();
  }

  #each(callback: (node: StoredNode) => void): void {
    const work = eachInTurns(this.#context.store.nodes.cache.values(), callback);
    this.#context.supervise('look for nodes to delete', work);
  }

  #isGarbage(node: StoredNode): boolean {
    const { nodes } = this.#context.store;
    // A node that is being read again is looked at when the answer is there.
    return (
      DELETABLE_STATES.has(node.record.state) &&
      !nodes.isLocked(node.id) &&
      !nodes.cache.tree.isBehind(node.path)
    );
  }

  #isOurs(node: StoredNode): boolean {
    return isResponsible(node, this.#options.registered(), this.#options.ownPools());
  }

  #start(node: StoredNode): void {
    if (this.#running.has(node.id) || this.#paused.has(node.id)) return;
    if (this.#stopping.signal.aborted || !this.#context.store.isCurrent) return;
    const { provider } = node.record;
    const isLeftover = provider === null || node.record.state === 'deleted';
    const runtime = provider === null ? undefined : this.#options.provider(provider);
    if (!runtime && !isLeftover) return;
    this.#running.set(node.id, this.#context.clock.now());
    const work = this.#delete(node, isLeftover ? undefined : runtime).finally(() => {
      this.#running.delete(node.id);
    });
    this.#context.supervise('delete a node', work);
  }

  async #delete(stored: StoredNode, runtime: ProviderRuntime | undefined): Promise<void> {
    const { store, clock } = this.#context;
    const log = this.#context.log.with({ node: stored.id, provider: stored.record.provider });
    const node = await store.nodes.take(stored, runtime ? toState(clock, 'deleting') : {});
    if (!node) {
      this.#retryLater(stored.id, CONTENDED_MS);
      return;
    }
    try {
      if (runtime) await this.#deleteInCloud(node, runtime);
      await store.nodes.remove(node, seconds(clock));
      log.info('node deleted', { was: stored.record.state });
    } catch (error) {
      if (!node.signal.aborted && !this.#stopping.signal.aborted) {
        log.warn('node not deleted yet; tried again', { error });
      }
      this.#retryLater(stored.id, this.#options.retrySeconds() * 1000);
      await node.release();
    }
  }

  async #deleteInCloud(node: OwnedNode, runtime: ProviderRuntime): Promise<void> {
    const { external_id: externalId, driver_data: driverData } = node.record;
    if (externalId === null) return;
    const { signal, dispose } = joinSignals([node.signal, this.#stopping.signal]);
    const target = { externalId, nodeId: node.id, driverData };
    try {
      await deleteMachine(this.#context, runtime, target, signal);
    } catch (cause) {
      if (!hasCode(cause, 'NP_CLOUD_NOT_FOUND') && !hasLabel(cause, 'notFound')) throw cause;
    } finally {
      dispose();
    }
  }

  #retryLater(id: string, firstMs: number): void {
    const failures = (this.#failures.get(id) ?? 0) + 1;
    this.#failures.set(id, failures);
    const ms = Math.min(firstMs * 2 ** Math.min(failures - 1, 20), LAST_RETRY_MS);
    const { clock } = this.#context;
    const cancel = clock.after(ms, () => {
      this.#paused.delete(id);
      const node = this.#context.store.nodes.get(id);
      if (node && this.#isGarbage(node)) this.#start(node);
    });
    this.#paused.set(id, { untilMs: clock.now() + ms, cancel });
  }
}
