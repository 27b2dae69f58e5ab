/** Locks of nodes and requests. */
import { nodeLockPath, parseRequestId, requestLockPath } from '../../../store/paths.ts';
import { decodeOwnerData } from '../../../store/user-data.ts';
import { firstContender } from '../../../zookeeper/lock/policy.ts';
import type { ZooKeeper } from '../../../zookeeper/types.ts';
import { childrenOf, inBatches, type ReadOptions } from '../../records.ts';
import {
  judgeNodeLock,
  judgeRequestLocks,
  type NodeLockFacts,
  type RequestLockFacts,
} from '../judge/locks.ts';
import type { Records } from '../records.ts';
import type { Check } from '../run.ts';

/** Looked at at most, the oldest first. */
const MOST = 500;
/** States in which nodes are locked for as long as somebody uses them. */
const RIGHTLY_LOCKED: ReadonlySet<string> = new Set(['in-use', 'hold']);

export const locks: Check = {
  name: 'locks',
  async run(ground, signal) {
    const [config, client, records] = await Promise.all([
      ground.config(),
      ground.zookeeper(),
      ground.records(),
    ]);
    const options: ReadOptions = { client, signal, warn: () => undefined };
    const { requestLockAgeSeconds } = config.extensions.intervals;
    const [nodes, requestLocks] = await Promise.all([
      nodeLocks(records, client, options),
      requestLockFacts(records, client, { options, maxAgeSeconds: requestLockAgeSeconds }),
    ]);
    return [...nodes.flatMap(judgeNodeLock), ...judgeRequestLocks(requestLocks)];
  },
};

async function nodeLocks(
  { nodes, members, now }: Records,
  client: ZooKeeper,
  options: ReadOptions,
): Promise<NodeLockFacts[]> {
  const holders = new Map(
    members.map(({ kind, record, session }) => [session, `${kind} on ${record.hostname}`]),
  );
  const locked = nodes
    .filter(({ isLocked, record }) => isLocked && !RIGHTLY_LOCKED.has(record.state))
    .toSorted((a, b) => a.record.state_time - b.record.state_time)
    .slice(0, MOST);
  return inBatches(locked, async ({ id, record }) => {
    const lock = nodeLockPath(id);
    const first = firstContender(await childrenOf(lock, options));
    const stat = first && (await client.exists(`${lock}/${first}`, { signal: options.signal }));
    if (!stat) return undefined;
    return {
      ...{ node: id, state: record.state, ageSeconds: now - record.state_time },
      session: stat.ephemeralOwner,
      holder: holders.get(stat.ephemeralOwner),
      isLoan: decodeOwnerData(record.user_data) !== undefined,
    };
  });
}

async function requestLockFacts(
  { requests, requestLocks, now }: Records,
  client: ZooKeeper,
  { options, maxAgeSeconds }: { options: ReadOptions; maxAgeSeconds: number },
): Promise<RequestLockFacts> {
  const known = new Set(requests.map(({ id }) => id));
  const left = requestLocks.filter((id) => !known.has(id) && parseRequestId(id) !== undefined);
  const stats = await inBatches(left.toSorted().slice(0, MOST), async (id) => {
    const stat = await client.exists(requestLockPath(id), { signal: options.signal });
    return stat && { id, age: now - stat.mtime / 1000, isHeld: stat.numChildren > 0 };
  });
  // Whoever gives a request back deletes it first, then its lock.
  const held = stats.filter(({ isHeld, age }) => isHeld && age > MOMENT);
  const old = stats.filter(({ isHeld, age }) => !isHeld && age > maxAgeSeconds + ROUND);
  return { held: held.map(({ id }) => id), old: old.map(({ id }) => id), maxAgeSeconds };
}

const MOMENT = 60;
/** Between two rounds in which launchers look for them, and a bit. */
const ROUND = 3600;
