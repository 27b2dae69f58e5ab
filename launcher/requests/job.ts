/**
 * What serving one accepted request needs to know, and how it can end.
 */
import type { StoredRequest } from '../../shared/store/requests.ts';
import type { Decision } from '../assignment/decide.ts';
import type { Reservation } from '../pools/capacity.ts';
import type { Pool } from '../pools/pool.ts';
import type { DeclineCode, Reason } from '../assignment/reasons.ts';
import type { Progress } from './progress.ts';

export type Accepted = Extract<Decision, { kind: 'accept' }>;

export interface ServeJob {
  readonly pool: Pool;
  readonly request: StoredRequest;
  readonly accepted: Accepted;
  /** Room kept for each node that is to be launched; undefined where it must be waited for. */
  readonly reservations: readonly (Reservation | undefined)[];
  /** Ids of all pools online. */
  readonly registeredIds: () => readonly string[];
  /** Aborts when the process stops and may wait no longer. */
  readonly stopping: AbortSignal;
  /** Aborts when the process stops: nothing new is begun, launches that run may still end. */
  readonly draining: AbortSignal;
  /** Aborts when its room is needed by a request before it: what has no room yet waits no longer. */
  readonly yielding: AbortSignal;
  /** Called when every node is being seen to, those that wait for quota included. */
  readonly onFilling: () => void;
  /** Called for each node when its launch is under way, it waits for quota, or it is settled. */
  readonly onBegun: (index: number) => void;
  /** Aborts when the request's znode is gone. */
  readonly gone: AbortSignal;
  /** Written along the way. */
  readonly progress: Progress;
  /** Called when the pool gives the request up for good. */
  readonly onDeclined: (reasons: readonly Reason<DeclineCode>[]) => void;
}

/** A request in the hands of one pool. */
export interface Served {
  readonly request: StoredRequest;
  readonly pool: Pool;
  readonly progress: Progress;
}

/** How it ended, for the log and for tests. */
export type ServeResult = 'not-taken' | 'fulfilled' | 'gone' | 'declined' | 'handed-back' | 'lost';
