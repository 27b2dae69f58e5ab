/**
 * A client that does not give up while ZooKeeper is away: each call is repeated until the server
 * has answered, so that whoever uses it sees nothing of the faults but the time they take.
 *
 * A create whose answer was lost is settled by looking for a child that is the same one: its record may
 * have been changed by others since. A delete whose answer was lost may then find nothing: that is for the caller. Locks and
 * watches are not repeated here; they look after themselves.
 */
import { systemClock } from '../../shared/base/clock.ts';
import { hasLabel } from '../../shared/base/errors.ts';
import { sleep } from '../../shared/base/wait.ts';
import type { ZooKeeperClient } from '../../shared/zookeeper/client.ts';
import { isNoNode } from '../../shared/zookeeper/errors.ts';
import type { ZooKeeper } from '../../shared/zookeeper/types.ts';

const PAUSE_MS = 200;

/** Repeats work that fails for want of a connection, until the signal aborts. */
export async function persist<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!hasLabel(error, 'retryable') && !hasLabel(error, 'ambiguous')) throw error;
    }
    await sleep(systemClock, PAUSE_MS, signal);
  }
}

type Calls = Pick<
  ZooKeeper,
  'create' | 'delete' | 'exists' | 'get' | 'set' | 'children' | 'ensurePath'
>;

export interface SturdyOptions {
  readonly signal: AbortSignal;
  /** What tells a child that we have made from all others. */
  readonly identityOf: (data: Uint8Array) => unknown;
}

/** The calls of the client that are repeated; the rest is the client's own. */
export function sturdy(client: ZooKeeperClient, { signal, identityOf }: SturdyOptions): ZooKeeper {
  const calls: Calls = {
    create: async (path, data, options) => {
      for (;;) {
        const created = await client.create(path, data, options).catch(ifLost);
        if (created) return created;
        if (data) {
          const isOurs = (found: Uint8Array): boolean => identityOf(found) === identityOf(data);
          const made = await persist(signal, () => findChild(client, path, isOurs));
          if (made) return made;
        }
        await sleep(systemClock, PAUSE_MS, signal);
      }
    },
    delete: (...args) => persist(signal, () => client.delete(...args)),
    exists: (...args) => persist(signal, () => client.exists(...args)),
    get: (...args) => persist(signal, () => client.get(...args)),
    set: (...args) => persist(signal, () => client.set(...args)),
    children: (...args) => persist(signal, () => client.children(...args)),
    ensurePath: (...args) => persist(signal, () => client.ensurePath(...args)),
  };
  return new Proxy<ZooKeeper>(client, {
    get(target, name) {
      if (Object.hasOwn(calls, name)) return calls[name as keyof Calls];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

type Created = Awaited<ReturnType<ZooKeeper['create']>>;

/** Undefined for a call that may be repeated; rethrows all else. */
function ifLost(error: unknown): undefined {
  if (!hasLabel(error, 'retryable') && !hasLabel(error, 'ambiguous')) throw error;
}

async function findChild(
  client: ZooKeeper,
  prefix: string,
  isOurs: (data: Uint8Array) => boolean,
): Promise<Created | undefined> {
  const parent = prefix.slice(0, prefix.lastIndexOf('/'));
  await client.sync(parent);
  for (const child of (await client.children(parent)).children) {
    const path = `${parent}/${child}`;
    if (!path.startsWith(prefix)) continue;
    const one = await client.get(path).catch((error: unknown) => {
      if (isNoNode(error)) return undefined;
      throw error;
    });
    if (one && isOurs(one.data)) return { path, stat: one.stat };
  }
  return undefined;
}
