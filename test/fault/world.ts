/** What builds of the load live in. */
import { systemClock } from '../../shared/base/clock.ts';
import { sleep } from '../../shared/base/wait.ts';
import type { HeldLock } from '../../shared/zookeeper/lock.ts';
import type { ZuulSide } from '../support/zuul-side.ts';
import type { Books } from './books.ts';
import type { Ground } from './ground.ts';
import { persist } from './sturdy-client.ts';

export interface World {
  readonly zuul: ZuulSide;
  readonly books: Books;
  /** Tells of the next change of a request's znode, or that it is time to look again. */
  readonly changed: (request: string) => Promise<void>;
  readonly ground: Ground;
  /** Whether some launcher's clock may have been wrong since `performance.now()` was this. */
  readonly wasAnyClockWrong: (since: number) => boolean;
  /** Aborts when nobody waits for the build any more. */
  readonly signal: AbortSignal;
}

/** Zuul waits no longer for the lock of a node that it was given. */
const LOCK_TIMEOUT_MS = 30_000;
const LOCK_RETRY_MS = 100;

export async function lockNode(world: World, node: string): Promise<HeldLock> {
  const end = performance.now() + LOCK_TIMEOUT_MS;
  for (;;) {
    const lock = await persist(world.signal, () => world.zuul.tryLock(node));
    if (lock) return lock;
    if (performance.now() > end) throw new Error(`node ${node} stays locked by somebody else`);
    await sleep(systemClock, LOCK_RETRY_MS, world.signal);
  }
}
