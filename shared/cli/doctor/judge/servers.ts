/** Whether the ZooKeeper servers answer, and are one ensemble. Pure. */
import { groupBy } from '../../group.ts';
import type { Finding } from '../model.ts';

/** What `srvr` tells. */
export interface ServerStatus {
  /** `3.9.5`; empty where it does not say. */
  readonly version: string;
  /** `leader`, `follower`, `observer`, `standalone`, `read-only`, or `not serving`. */
  readonly mode: string;
  /** The last transaction that it knows; the upper half is the epoch of the leader. */
  readonly zxid: bigint | undefined;
}

export interface ServerFacts {
  /** `host:port`. */
  readonly server: string;
  /** Why there is no connection; undefined: there is one. */
  readonly problem: string | undefined;
  /** Undefined: it does not answer `srvr`. */
  readonly status: ServerStatus | undefined;
  /** Why no session could be made there alone; undefined: it could. */
  readonly sessionProblem: string | undefined;
  /** Median of a few reads, milliseconds. */
  readonly latencyMs: number | undefined;
  /** Whether it knows a znode made just now by the session over all; undefined: there is none. */
  readonly seesProbe: boolean | undefined;
}

const SLOW_MS = 100;
const VERY_SLOW_MS = 1000;
/** Older servers have no persistent watches, which the launcher lives on. */
const OLDEST = [3, 6] as const;

export function judgeServers(all: readonly ServerFacts[]): Finding[] {
  const reached = all.filter(({ problem }) => problem === undefined);
  return [...judgeUnreached(all), ...reached.flatMap(judgeServer), ...judgeEnsemble(all)];
}

/** Those with the same problem together: it may be one of ours. */
function judgeUnreached(all: readonly ServerFacts[]): Finding[] {
  const unreached = all.filter(({ problem }) => problem !== undefined);
  const byProblem = groupBy(unreached, ({ problem }) => problem ?? '');
  return [...byProblem].map(([seen, servers]) => ({
    ...{
      severity: 'problem',
      code: 'server-unreachable',
      object: servers.map(({ server }) => server).join(', '),
      seen,
    },
    remedy: remedyFor(seen, servers.length === all.length),
  }));
}

function remedyFor(problem: string, isOfAll: boolean): string {
  if (/^TLS|certificate/i.test(problem))
    return 'see what is told of the certificates; a server refuses those that it does not trust';
  return isOfAll
    ? 'start it, or correct zookeeper-servers: nothing works without it'
    : 'start it, or correct zookeeper-servers: the others may bear no further loss';
}

function judgeServer(facts: ServerFacts): Finding[] {
  const { server: object, sessionProblem, status, latencyMs } = facts;
  const findings: Finding[] = [];
  if (status?.mode === 'read-only')
    findings.push({
      ...{ severity: 'problem', code: 'server-read-only', object },
      seen: 'it has lost its ensemble and only answers reads',
      remedy:
        'look at its connection to the other servers (ports 2888 and 3888), and at their logs',
    });
  else if (status?.mode === 'not serving')
    findings.push({
      ...{ severity: 'problem', code: 'server-not-serving', object },
      seen: 'it runs, but serves nobody: it is in no ensemble with a leader',
      remedy: 'start the other servers; look at its connection to them and at its log',
    });
  else if (sessionProblem !== undefined)
    findings.push({
      ...{ severity: 'problem', code: 'server-no-session', object },
      seen: `it takes connections but gives no session: ${sessionProblem}`,
      remedy: 'look into its log: it may lack a quorum, or be full (maxClientCnxns)',
    });
  if (status !== undefined && isOld(status.version))
    findings.push({
      ...{ severity: 'problem', code: 'server-old', object },
      seen: `it runs ZooKeeper ${status.version}`,
      remedy: 'update it to 3.6 or later, the newest if possible: launchers need its watches',
    });
  if (latencyMs !== undefined && latencyMs >= SLOW_MS)
    findings.push({
      ...{
        severity: latencyMs >= VERY_SLOW_MS ? 'problem' : 'warning',
        code: 'server-slow',
        object,
      },
      seen: `a read takes ${Math.round(latencyMs)} ms`,
      remedy: 'give it a disk and a network of its own; look at its garbage collection',
    });
  return findings;
}

function isOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (version === '') return false;
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}

function judgeEnsemble(all: readonly ServerFacts[]): Finding[] {
  const findings: Finding[] = [];
  const named = (test: (facts: ServerFacts) => boolean): string =>
    all
      .filter(test)
      .map(({ server }) => server)
      .join(', ');
  const modes = all.flatMap(({ status }) => status?.mode ?? []);
  const count = (mode: string): number => modes.filter((one) => one === mode).length;
  const seen = all.filter(({ seesProbe }) => seesProbe === true).length;
  const unseen = named(({ seesProbe }) => seesProbe === false);
  const isSplit = count('standalone') > 1 || count('leader') > 1;
  if (isSplit || (seen > 0 && unseen !== ''))
    findings.push({
      ...{ severity: 'problem', code: 'ensemble-split' },
      object: isSplit
        ? named(({ status }) => status?.mode === 'standalone' || status?.mode === 'leader')
        : unseen,
      seen: isSplit
        ? 'they are several ZooKeepers and no ensemble: each holds data of its own'
        : 'what has just been written through the others is not known there',
      remedy:
        'leave only servers of one ensemble in zookeeper-servers; look at the servers’ own configuration',
    });
  findings.push(...behind(all));
  const versions = new Set(
    all.map(({ status }) => status?.version ?? '').filter((one) => one !== ''),
  );
  if (versions.size > 1)
    findings.push({
      ...{ severity: 'warning', code: 'ensemble-versions', object: 'zookeeper-servers' },
      seen: `the servers are of different versions: ${[...versions].sort().join(', ')}`,
      remedy: 'finish the update of the ensemble',
    });
  const alive = all.filter(({ problem }) => problem === undefined).length;
  if (all.length > 1 && all.length % 2 === 0 && !isSplit)
    findings.push({
      ...{ severity: 'note', code: 'ensemble-even', object: 'zookeeper-servers' },
      seen: `it names ${all.length} servers: an even number bears no more losses than one less`,
      remedy: 'have three or five servers, if these are all of the ensemble',
    });
  if (alive > 0 && all.length > 2 && alive <= all.length / 2)
    findings.push({
      ...{ severity: 'problem', code: 'ensemble-no-quorum', object: 'zookeeper-servers' },
      seen: `only ${alive} of ${all.length} servers answer: less than the half`,
      remedy: 'start the others: an ensemble of these servers has no leader',
    });
  return findings;
}

/** Servers answer one after the other, while transactions go on. */
const BEHIND = 10_000n;
const EPOCH_BITS = 32n;

/** Followers that have not caught up. One of an older epoch has only heard of no transaction yet. */
function behind(all: readonly ServerFacts[]): Finding[] {
  const known = all.flatMap(({ server, status }) =>
    status?.zxid === undefined || status.mode === 'standalone'
      ? []
      : [{ server, zxid: status.zxid }],
  );
  const newest = known.reduce((most, { zxid }) => (zxid > most ? zxid : most), 0n);
  const isOfNow = (zxid: bigint): boolean => zxid >> EPOCH_BITS === newest >> EPOCH_BITS;
  return known
    .filter(({ zxid }) => isOfNow(zxid) && newest - zxid > BEHIND)
    .map(({ server: object, zxid }) => ({
      ...{ severity: 'warning', code: 'server-behind', object },
      seen: `it is ${newest - zxid} transactions behind another server`,
      remedy: 'look at its disk and network and into its log; restarted, it fetches all anew',
    }));
}
