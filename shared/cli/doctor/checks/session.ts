/** Whether there is a session, what it may do, and whether the ensemble's clock and ours agree. */
import { hasCode, messageOf } from '../../../base/errors.ts';
import { COMPONENTS, IMAGES, NODES, REQUESTS, REQUEST_LOCKS } from '../../../store/paths.ts';
import type { ZooKeeper } from '../../../zookeeper/types.ts';
import { judgeClock } from '../judge/clock.ts';
import { Skipped, type Finding } from '../model.ts';
import type { Check } from '../run.ts';

/** What Nodepool and Zuul do everywhere: read, write, create, delete. */
const NEEDED = 0b1111;

export const session: Check = {
  name: 'zookeeper session',
  async run(ground, signal) {
    let client: ZooKeeper;
    try {
      client = await ground.session();
    } catch (error) {
      if (error instanceof Skipped) throw error;
      return [
        {
          ...{ severity: 'problem', code: 'no-session', object: 'ZooKeeper' },
          seen: messageOf(error),
          remedy: 'see what is told of the servers and the certificates',
        },
      ];
    }
    const acls = await Promise.all(ROOTS.map((path) => judgeAcl(client, path, signal)));
    return [...acls.flat(), ...(await judgeProbe(ground))];
  },
};

const ROOTS = ['/nodepool', NODES, REQUESTS, REQUEST_LOCKS, IMAGES, COMPONENTS];

async function judgeProbe(ground: Parameters<Check['run']>[0]): Promise<Finding[]> {
  try {
    const { ctimeMs, askedMs, answeredMs } = await ground.probe();
    const tripMs = answeredMs - askedMs;
    const skewMs = ctimeMs - (askedMs + answeredMs) / 2;
    return judgeClock({ whose: 'ZooKeeper', skewMs, uncertaintyMs: tripMs / 2 });
  } catch (error) {
    if (hasCode(error, 'ZK_NO_NODE'))
      return [
        {
          ...{ severity: 'warning', code: 'chroot-missing', object: 'chroot of zookeeper-servers' },
          seen: 'does not exist: no daemon has ever run with it',
          remedy: 'correct it, unless this is a new installation: the first daemon makes it',
        },
      ];
    return [
      {
        ...{ severity: 'problem', code: 'cannot-write', object: 'ZooKeeper' },
        seen: `an ephemeral znode could not be made: ${messageOf(error)}`,
        remedy:
          'correct the ACL below the chroot: daemons must be able to create, write and delete',
      },
    ];
  }
}

async function judgeAcl(client: ZooKeeper, path: string, signal: AbortSignal): Promise<Finding[]> {
  try {
    const { acl } = await client.getAcl(path, { signal });
    const open = acl
      .filter(({ scheme, id }) => scheme === 'world' && id === 'anyone')
      .reduce((bits, { perms }) => bits | perms, 0);
    if ((open & NEEDED) === NEEDED) return [];
  } catch (error) {
    if (hasCode(error, 'ZK_NO_NODE')) return [];
    if (!hasCode(error, 'ZK_NO_AUTH')) throw error;
  }
  return [
    {
      ...{ severity: 'problem', code: 'acl', object: path },
      seen: 'its ACL does not let everybody read, write, create and delete',
      remedy: 'set it to world:anyone:cdrwa, as Nodepool and Zuul have it; TLS keeps strangers out',
    },
  ];
}
