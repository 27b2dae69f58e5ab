/**
 * One build of the load, from its request to the end of its nodes, as Zuul goes about it, and what it
 * expects on the way. Its fate is drawn beforehand.
 */
import { systemClock } from '../../shared/base/clock.ts';
import { sleep } from '../../shared/base/wait.ts';
import type { HeldLock } from '../../shared/zookeeper/lock.ts';
import { TENANT, type ZnodeRecord } from '../support/zuul-side.ts';
import { SMALL_TENANT } from './fleet-config.ts';
import { holdNodes } from './hold.ts';
import { lockNode, type World } from './world.ts';

/**
 * - `use`: takes its nodes, works, gives them back.
 * - `die`: its executor dies at work: the nodes are unlocked as they are.
 * - `hold`: fails, and its nodes are held for somebody to look at.
 * - `cancel`: takes its request back after a while, whatever has become of it.
 * - `forget`: takes its request back when it is fulfilled, without taking the nodes.
 */
export type Fate = 'use' | 'die' | 'hold' | 'cancel' | 'forget';

export interface BuildPlan {
  readonly labels: readonly string[];
  readonly tenant: string;
  readonly fate: Fate;
  /** How long it works, or waits before it cancels. */
  readonly ms: number;
  readonly priority: string;
  /** Of the nodes that are held. */
  readonly holdSeconds: number | null;
}

/** Of a hundred builds. */
const FATES: readonly (readonly [Fate, number])[] = [
  ['use', 62],
  ['cancel', 14],
  ['forget', 8],
  ['die', 8],
  ['hold', 8],
];

/** What is asked for together: no pool has labels of two of these. Of a hundred builds. */
const KINDS: readonly (readonly [labels: readonly string[], most: number, weight: number])[] = [
  [['small', 'large'], 3, 60],
  [['slot'], 2, 22],
  [['metal'], 2, 18],
];
/** Twice as many builds are of the tenant without a limit. */
const TENANTS = [TENANT, TENANT, SMALL_TENANT.name] as const;
const HOLD_SECONDS = [null, 1, 3, 5] as const;
const LONGEST_MS = 2500;
const PRIORITIES = ['100', '200', '300'] as const;

export function drawBuild(random: () => number): BuildPlan {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  let roll = random() * 100;
  const kind = KINDS.find(([, , weight]) => (roll -= weight) < 0) ?? KINDS[0];
  const [offered, most] = kind ?? [[], 0];
  const labels = Array.from({ length: 1 + Math.floor(random() * most) }, () => pick(offered));
  roll = random() * 100;
  const fate = FATES.find(([, weight]) => (roll -= weight) < 0)?.[0] ?? 'use';
  const ms = random() * LONGEST_MS;
  const [tenant, priority, holdSeconds] = [pick(TENANTS), pick(PRIORITIES), pick(HOLD_SECONDS)];
  return { labels, tenant, fate, ms, priority, holdSeconds };
}

export async function runBuild(world: World, number: number, plan: BuildPlan): Promise<void> {
  const { zuul, books } = world;
  const began = performance.now();
  const fields = {
    event_id: `build-${number}`,
    tenant_name: plan.tenant,
    requestor_data: { tenant_name: plan.tenant, job_name: 'unit', span_info: null },
  };
  const id = await zuul.submit(plan.labels, fields, plan.priority);
  books.asked(id);
  if (plan.fate === 'cancel') {
    await sleep(systemClock, plan.ms, world.signal);
    await zuul.cancel(id);
    books.tally.cancelled++;
  } else {
    const record = await untilAnswered(world, id);
    books.tally.slowestMs = Math.max(books.tally.slowestMs, performance.now() - began);
    if (record?.state === 'fulfilled') await takeNodes(world, { id, plan, record });
    else if (record) {
      books.tally.failed++;
      books.violation(`request ${id} failed: ${JSON.stringify(record)}`);
    }
    await zuul.cancel(id);
  }
  books.closed(id);
}

/** Undefined: it vanished, which nobody but us may bring about. */
async function untilAnswered(world: World, id: string): Promise<ZnodeRecord | undefined> {
  for (;;) {
    const changed = world.changed(id);
    const record = await world.zuul.request(id);
    if (record === undefined) {
      world.books.violation(`request ${id} vanished`);
      return undefined;
    }
    if (record.state === 'fulfilled' || record.state === 'failed') return record;
    await changed;
  }
}

interface Fulfilled {
  readonly id: string;
  readonly plan: BuildPlan;
  readonly record: ZnodeRecord;
}

async function takeNodes(world: World, { id, plan, record }: Fulfilled): Promise<void> {
  const { books, zuul } = world;
  const nodes = record.nodes as string[];
  books.tally.fulfilled++;
  books.handedOut(id, nodes);
  await checkHandOut(world, { id, plan, record });
  if (plan.fate === 'forget') {
    books.givenBack(nodes, false);
    return;
  }
  const locks: HeldLock[] = [];
  for (const node of nodes) locks.push(await lockNode(world, node));
  await zuul.cancel(id);
  for (const node of nodes) await zuul.change(node, { state: 'in-use' });
  await sleep(systemClock, plan.ms, world.signal);
  const isOurs = locks.every((lock) => !lock.signal.aborted);
  if (isOurs) for (const node of nodes) await checkInUse(world, id, node);
  // Spent before it is unlocked: from then on nobody may ever get it.
  books.givenBack(nodes, true);
  if (plan.fate === 'hold' && isOurs) {
    const { holdSeconds: expirationSeconds, ms } = plan;
    await holdNodes(world, { request: id, nodes, locks, expirationSeconds, ms });
    return;
  }
  if (plan.fate === 'use' && isOurs) {
    for (const node of nodes) await zuul.change(node, { state: 'used' });
    books.tally.used += nodes.length;
  } else {
    books.tally.abandoned += nodes.length;
  }
  await Promise.all(locks.map((lock) => lock.release()));
}

/** What a fulfilled request promises about its nodes. */
async function checkHandOut(world: World, { id, plan, record }: Fulfilled): Promise<void> {
  const { books, zuul } = world;
  const ids = record.nodes as string[];
  if (ids.length !== plan.labels.length)
    books.violation(`request ${id} got ${ids.length} nodes, asked for ${plan.labels.length}`);
  for (const [index, node] of ids.entries()) {
    const found = await zuul.node(node);
    const label = plan.labels[index];
    const problem =
      found === undefined
        ? 'does not exist'
        : found.state !== 'ready'
          ? `is ${String(found.state)}`
          : found.allocated_to !== id
            ? `is allocated to ${String(found.allocated_to)}`
            : !(Array.isArray(found.type) && found.type.includes(label))
              ? `is of type ${String(found.type)}, asked for ${label}`
              : await world.ground.problemOf(zuul, found);
    if (problem !== undefined) books.violation(`node ${node} of request ${id} ${problem}`);
  }
}

/** What must still hold at the end of the work. */
async function checkInUse(world: World, request: string, node: string): Promise<void> {
  const found = await world.zuul.node(node);
  const say = (problem: string): void => {
    world.books.violation(`node ${node} in use by ${request} ${problem}`);
  };
  if (found === undefined) say('has vanished');
  else if (found.state !== 'in-use') say(`is ${String(found.state)}`);
  else if (found.allocated_to !== request) say(`is allocated to ${String(found.allocated_to)}`);
  else {
    const problem = await world.ground.problemOf(world.zuul, found);
    if (problem !== undefined) say(problem);
  }
}
