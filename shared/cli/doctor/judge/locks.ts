/**
 * Locks that nobody seems to need any more. Pure.
 *
 * A lock is held by a session and ends with it, so none is of a dead one; but its process may hang, or
 * be one that nobody knows. Which session is whose is known of launchers and builders, by their entries
 * in the registry; Zuul's are not.
 */
import { sayDuration } from '../../../base/words.ts';
import { sayCount } from '../../explain/words.ts';
import type { Finding } from '../model.ts';
import { sayFew } from '../words.ts';

export interface NodeLockFacts {
  readonly node: string;
  readonly state: string;
  /** Since when it has its state, in seconds. */
  readonly ageSeconds: number;
  /** 0n: it ends with no session. */
  readonly session: bigint;
  /** `launcher host`; undefined: nobody knows the session. */
  readonly holder: string | undefined;
  /** A launcher keeps it beyond its life, as metastatic providers do. */
  readonly isLoan: boolean;
}

/** A launcher that takes a free node needs it for a moment only. */
const READY_WARN = 600;
const LONG_WARN = 3600;

export function judgeNodeLock(facts: NodeLockFacts): Finding[] {
  const { node, state, ageSeconds, session, holder, isLoan } = facts;
  if (isLoan) return [];
  const object = `node ${node}`;
  if (session === 0n)
    return [
      {
        ...{ severity: 'problem', code: 'lock-for-ever', object },
        seen: `is locked by a znode that ends with no session (${state} for ${sayDuration(ageSeconds)})`,
        remedy: `if nobody uses the node: nodepool delete ${node} --now, or delete the znode below its lock`,
      },
    ];
  const limit = state === 'ready' ? READY_WARN : LONG_WARN;
  if (ageSeconds < limit) return [];
  const who =
    holder ?? `session 0x${session.toString(16)}, of nobody who is registered (Zuul’s are not)`;
  return [
    {
      ...{ severity: 'warning', code: 'lock-long', object },
      seen: `is ${state} and locked for up to ${sayDuration(ageSeconds)}, by ${who}`,
      remedy:
        holder === undefined
          ? 'find the process by `cons` of the ZooKeeper servers and see whether it hangs: its lock ends with it'
          : 'look into the log of its holder; a restart gives the lock back',
    },
  ];
}

export interface RequestLockFacts {
  /** Locks of requests that are no more, longer than launchers leave them. */
  readonly old: readonly string[];
  /** Those whose lock somebody holds. */
  readonly held: readonly string[];
  /** `extensions: intervals: request-lock-age`. */
  readonly maxAgeSeconds: number;
}

export function judgeRequestLocks({ old, held, maxAgeSeconds }: RequestLockFacts): Finding[] {
  const findings: Finding[] = [];
  if (old.length > 0)
    findings.push({
      ...{ severity: 'warning', code: 'request-locks-old' },
      object: `locks of requests: ${sayFew(old)}`,
      seen: `${sayCount(old.length, 'lock')} of requests that are no more, older than ${sayDuration(maxAgeSeconds)}`,
      remedy: 'a launcher removes them while it runs; look into its log for "upkeep step failed"',
    });
  if (held.length > 0)
    findings.push({
      ...{ severity: 'warning', code: 'request-locks-held' },
      object: `locks of requests: ${sayFew(held)}`,
      seen: `${sayCount(held.length, 'lock')} of requests that are no more, still held`,
      remedy:
        'their holder hangs, or is just giving them back: look again, then into the launchers’ logs',
    });
  return findings;
}
