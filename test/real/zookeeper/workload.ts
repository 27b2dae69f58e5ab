/**
 * Clients that change znodes under locks and remember what they were told, to be compared with what
 * the server has in the end.
 *
 * Each step takes the lock of a resource, and in one transaction fenced by the lock sets the
 * resource and adds an entry to the log. What was confirmed must be in the log once; what failed for
 * sure must not; only a write whose reply was lost may be either.
 */
import { messageOf } from '../../../shared/base/errors.ts';
import type { ZooKeeperClient } from '../../../shared/zookeeper/client.ts';
import { isAmbiguous, isBadVersion, MultiError } from '../../../shared/zookeeper/errors.ts';
import { Lock, type HeldLock } from '../../../shared/zookeeper/lock.ts';

export const RESOURCES = ['/resources/a', '/resources/b', '/resources/c', '/resources/d'] as const;
export const LOG = '/log';

export interface History {
  readonly confirmed: Set<string>;
  readonly unknown: Set<string>;
  readonly failed: Set<string>;
  /** What must never be. */
  readonly violations: string[];
  /** Errors by message, to see what the time was like. */
  readonly errors: Map<string, number>;
}

export function newHistory(): History {
  return {
    confirmed: new Set(),
    unknown: new Set(),
    failed: new Set(),
    violations: [],
    errors: new Map(),
  };
}

export interface Worker {
  readonly name: string;
  readonly client: ZooKeeperClient;
  readonly history: History;
  /** Ends the work after the step that is under way. */
  readonly stop: AbortSignal;
}

/** Works until told to stop. An error ends a step, never the work. */
export async function work(worker: Worker): Promise<void> {
  const { name, client, history, stop } = worker;
  for (let step = 0; !stop.aborted; step++) {
    const resource = RESOURCES[step % RESOURCES.length] ?? RESOURCES[0];
    try {
      const held = await new Lock(client, `${resource}/lock`).acquire({
        signal: stop,
        timeoutMs: 20_000,
      });
      try {
        await change(worker, { held, resource, id: `${name}-${step}` });
      } finally {
        await held.release();
      }
    } catch (error) {
      const what = messageOf(error).replace(/[0-9a-f]{32}|\d+/g, '#');
      history.errors.set(what, (history.errors.get(what) ?? 0) + 1);
    }
  }
}

async function change(
  { client, history }: Worker,
  { held, resource, id }: { held: HeldLock; resource: string; id: string },
): Promise<void> {
  const { stat } = await client.get(resource);
  const data = Buffer.from(id);
  try {
    await client.multi([
      held.check(),
      { op: 'set', path: resource, data, version: stat.version },
      { op: 'create', path: `${LOG}/e`, data, mode: 'persistentSequential' },
    ]);
    history.confirmed.add(id);
  } catch (error) {
    // The fence was open, yet somebody wrote after we had read: two held the lock.
    if (error instanceof MultiError && error.failedIndex === 1 && isBadVersion(error))
      history.violations.push(`${id}: ${resource} was changed under the lock`);
    (isAmbiguous(error) ? history.unknown : history.failed).add(id);
    throw error;
  }
}

/** Compares the log at the server with what the workers were told. */
export function judge(history: History, log: readonly string[]): string[] {
  const faults = [...history.violations];
  const seen = new Set<string>();
  for (const id of log) {
    if (seen.has(id)) faults.push(`${id} is there twice`);
    seen.add(id);
    if (history.failed.has(id)) faults.push(`${id} had failed but is there`);
    else if (!history.confirmed.has(id) && !history.unknown.has(id))
      faults.push(`${id} was never written`);
  }
  for (const id of history.confirmed)
    if (!seen.has(id)) faults.push(`${id} was confirmed but is not there`);
  return faults;
}
