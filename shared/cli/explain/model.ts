/**
 * What `nodepool explain` found out; as JSON it is what `--json` prints. Times are Unix seconds.
 */
import type {
  AbsentProvider,
  Before,
  ExplainedReason,
  ExplainedServing,
} from '../../../schemas/explanation.ts';

/** The answer in one line. */
export interface Verdict {
  /** A word for scripts: a reason's code, or one of those in verdict.ts. */
  readonly code: string;
  /** Goes on where the request's id stands: "waits for ...". */
  readonly text: string;
}

export interface PoolRow {
  /** As in a request's `declined_by`. */
  readonly id: string;
  readonly provider: string;
  readonly pool: string;
  /** Host name of its launcher. */
  readonly launcher: string;
  /**
   * `accept`: takes it at its next turn. `unknown`: has the labels, and nobody could be asked.
   * `no-labels`: lacks some, and need not say more.
   */
  readonly answer: 'accept' | 'defer' | 'decline' | 'unknown' | 'no-labels';
  readonly reasons: readonly ExplainedReason[];
  /** Since when it says so, Unix seconds. */
  readonly since: number | null;
  readonly before: Before;
  /** Its entry says that it waits for quota. */
  readonly is_paused: boolean;
  readonly source: 'launcher' | 'zookeeper';
}

export type LauncherStatus = 'answered' | 'unreachable' | 'cannot-be-asked';

export interface LauncherRow {
  readonly hostname: string | null;
  readonly url: string;
  readonly status: LauncherStatus;
  readonly problem: string | null;
  /** False: it decides nothing now, since its view of ZooKeeper is not of now. */
  readonly is_current: boolean | null;
}

export interface NodeRow {
  readonly id: string;
  readonly provider: string | null;
  readonly pool: string | null;
  readonly labels: readonly string[];
  readonly state: string;
  readonly since: number;
  readonly is_locked: boolean;
}

/** What `nodepool explain --json` prints. */
export interface Explanation {
  readonly request: {
    readonly id: string;
    readonly state: string;
    readonly since: number;
    readonly created: number | null;
    readonly labels: readonly string[];
    readonly requestor: string | null;
    readonly tenant: string | null;
    readonly provider: string | null;
    readonly relative_priority: number;
    readonly event_id: string | null;
    readonly is_locked: boolean;
  };
  readonly verdict: Verdict;
  /** Set where one of the launchers that answered serves it. */
  readonly serving: (ExplainedServing & { readonly launcher: string }) | null;
  readonly pools: readonly PoolRow[];
  readonly nodes: readonly NodeRow[];
  readonly absent: readonly (AbsentProvider & { readonly launcher: string })[];
  readonly launchers: readonly LauncherRow[];
}

/** What the verdict is made from. */
export type Evidence = Omit<Explanation, 'verdict'>;
