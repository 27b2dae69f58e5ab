/**
 * Takes a lock with our recipes again and again; the counterpart of kazoo-locker.py, with the same
 * arguments and output.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ZooKeeperClient } from '../../../shared/zookeeper/client.ts';
import { isNodeExists } from '../../../shared/zookeeper/errors.ts';
import { Lock, type HeldLock } from '../../../shared/zookeeper/lock.ts';

const OWNER = '/owner';
const READERS = '/readers';
const never = new AbortController().signal;

function say(what: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

async function writeAlone(client: ZooKeeperClient): Promise<void> {
  try {
    await client.create(OWNER, Buffer.from('ours'), { mode: 'ephemeral' });
  } catch (error) {
    if (!isNodeExists(error)) throw error;
    say({ violation: 'two owners' });
    return;
  }
  if ((await client.children(READERS)).children.length > 0)
    say({ violation: 'an owner among readers' });
  await sleep(Math.random() * 4);
  await client.delete(OWNER);
}

async function readWithOthers(client: ZooKeeperClient): Promise<void> {
  const { path } = await client.create(`${READERS}/r`, undefined, { mode: 'ephemeralSequential' });
  if (await client.exists(OWNER)) say({ violation: 'a reader beside an owner' });
  await sleep(Math.random() * 4);
  await client.delete(path);
}

async function take(lock: Lock, kind: string): Promise<HeldLock> {
  if (kind !== 'try') return lock.acquire({ signal: never });
  for (;;) {
    const acquired = await lock.tryAcquire({ assumeParent: Math.random() < 0.5 });
    if (acquired) return acquired.held;
    await sleep(Math.random() * 10);
  }
}

const [hosts = '', kind = 'lock', rounds = '1'] = process.argv.slice(2);
const client = new ZooKeeperClient({ connectString: hosts, sessionTimeoutMs: 2_000 });
await client.start(AbortSignal.timeout(20_000));
say({ started: true });
for (let entered = 1; entered <= Number(rounds); entered++) {
  const lockKind = kind === 'read' || kind === 'write' ? kind : 'exclusive';
  const held = await take(new Lock(client, '/lock', { kind: lockKind }), kind);
  await (kind === 'read' ? readWithOthers(client) : writeAlone(client));
  say({ entered });
  await held.release();
}
await client.close();
