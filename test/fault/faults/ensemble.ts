/** Faults of the ZooKeeper ensemble. Data stays, as on a disk. */
import type { RunningZooKeeper } from '../../../fixtures/zookeeper/start.ts';
import { between, pick, type Draw, type Fault } from './fault.ts';

const MEMBERS = [1, 2, 3] as const;

type Work = (zookeeper: RunningZooKeeper, wait: (ms: number) => Promise<void>) => Promise<void>;

function onEnsemble(what: string, work: Work): Fault {
  return {
    target: 'zookeeper',
    words: `ZooKeeper: ${what}`,
    strike: ({ zookeeper }, wait) => work(zookeeper, wait),
  };
}

export function memberKilled({ random }: Draw): Fault {
  const number = pick(random, MEMBERS);
  const ms = between(random, 0, 3000);
  return onEnsemble(`kill -9 of member ${number}, back after ${ms} ms`, async (zookeeper, wait) => {
    await zookeeper.member(number).kill();
    await wait(ms);
    await zookeeper.member(number).start();
  });
}

export function leaderKilled({ random }: Draw): Fault {
  const ms = between(random, 0, 3000);
  return onEnsemble(`kill -9 of the leader, back after ${ms} ms`, async (zookeeper, wait) => {
    const leader = await findLeader(zookeeper);
    await zookeeper.member(leader).kill();
    await wait(ms);
    await zookeeper.member(leader).start();
  });
}

export function memberFrozen({ random }: Draw): Fault {
  const number = pick(random, MEMBERS);
  const ms = between(random, 500, 5000);
  return onEnsemble(`SIGSTOP of member ${number} for ${ms} ms`, async (zookeeper, wait) => {
    zookeeper.member(number).pause();
    await wait(ms);
    zookeeper.member(number).resume();
  });
}

/** All members are down at a time. Sessions live on if it does not last. */
export function allKilled({ random }: Draw): Fault {
  const ms = pick(random, [0, 0, 1000, 5000]);
  return onEnsemble(`kill -9 of all members, back after ${ms} ms`, async (zookeeper, wait) => {
    await Promise.all(MEMBERS.map((number) => zookeeper.member(number).kill()));
    await wait(ms);
    await Promise.all(MEMBERS.map((number) => zookeeper.member(number).start()));
  });
}

/** The one that answers as the leader; the first one while there is none. */
async function findLeader(zookeeper: RunningZooKeeper): Promise<number> {
  for (const number of MEMBERS) {
    const answer = await zookeeper.fourLetterWord(number, 'srvr').catch(() => '');
    if (answer.includes('Mode: leader')) return number;
  }
  return MEMBERS[0];
}
