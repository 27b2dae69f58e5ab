/**
 * The end of a build whose nodes are held for somebody to look at (Zuul's autohold), and what must hold
 * of them: nobody touches them until their time is over or they are released.
 */
import { systemClock } from '../../shared/base/clock.ts';
import { sleep } from '../../shared/base/wait.ts';
import type { HeldLock } from '../../shared/zookeeper/lock.ts';
import { lockNode, type World } from './world.ts';

export interface Hold {
  readonly request: string;
  readonly nodes: readonly string[];
  readonly locks: readonly HeldLock[];
  /** After so long the launchers are to delete them; null: they are released by hand. */
  readonly expirationSeconds: number | null;
  /** How long those are kept that are released by hand. */
  readonly ms: number;
}

const LOOK_MS = 300;

/** As Zuul's scheduler does it: the records first, then the locks. */
export async function holdNodes(world: World, hold: Hold): Promise<void> {
  const { zuul, books } = world;
  const comment = `held by ${hold.request}`;
  const fields = {
    state: 'hold',
    hold_job: 'tenant-one project job .*',
    comment,
    hold_expiration: hold.expirationSeconds,
  };
  const since = performance.now();
  // No record says that it is held since earlier.
  const expires = Date.now() + (hold.expirationSeconds ?? 0) * 1000;
  for (const node of hold.nodes) await zuul.change(node, fields);
  await Promise.all(hold.locks.map((lock) => lock.release()));
  books.tally.held += hold.nodes.length;
  const end = performance.now() + hold.ms;
  await Promise.all(
    hold.nodes.map(async (node) => {
      if (hold.expirationSeconds !== null)
        await watchUntilExpired(world, { hold, node, since, expires });
      else await keep(world, { hold, node, end });
    }),
  );
}

interface HeldNode {
  readonly hold: Hold;
  readonly node: string;
}

/** Of a node that has a time limit. A launcher whose clock is wrong may rightly find it over. */
async function watchUntilExpired(
  world: World,
  { hold, node, since, expires }: HeldNode & { readonly since: number; readonly expires: number },
): Promise<void> {
  for (;;) {
    const problem = await problemOf(world, hold, node);
    if (Date.now() >= expires || world.wasAnyClockWrong(since)) return;
    if (problem !== undefined) {
      world.books.violation(`node ${node} held until ${expires} ${problem}, at ${Date.now()}`);
      return;
    }
    world.books.tally.holdLooks++;
    await sleep(systemClock, LOOK_MS, world.signal);
  }
}

/** Of a node without: nobody takes it away, until it is released by hand. */
async function keep(
  world: World,
  { hold, node, end }: HeldNode & { readonly end: number },
): Promise<void> {
  do {
    const problem = await problemOf(world, hold, node);
    if (problem !== undefined) {
      world.books.violation(`node ${node} held without end ${problem}`);
      return;
    }
    world.books.tally.holdLooks++;
    await sleep(systemClock, LOOK_MS, world.signal);
  } while (performance.now() < end);
  const lock = await lockNode(world, node);
  await world.zuul.change(node, { state: 'used' });
  await lock.release();
}

async function problemOf(
  { zuul, ground }: World,
  { request }: Hold,
  node: string,
): Promise<string | undefined> {
  const found = await zuul.node(node);
  if (found === undefined) return 'has vanished';
  if (found.state !== 'hold') return `is ${String(found.state)}`;
  if (found.allocated_to !== request) return `is allocated to ${String(found.allocated_to)}`;
  return ground.problemOf(zuul, found);
}
