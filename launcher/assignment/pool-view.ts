/**
 * What a pool knows when it decides: plain data, taken from the caches and the configuration.
 */
import type { Quota } from '../../schemas/quota.ts';

/** A pool of any launcher that is registered as online. */
export interface RegisteredPool {
  readonly id: string;
  readonly provider: string;
  readonly labels: ReadonlySet<string>;
  readonly priority: number;
  readonly isPaused: boolean;
  /** Its provider or its launcher is drained. Python’s launchers serve all the same. */
  readonly isDrained: boolean;
}

/** Who is online, of all launchers. */
export interface OnlinePools {
  all(): readonly RegisteredPool[];
  /** Pools that have all of the labels. */
  withLabels(labels: readonly string[]): readonly RegisteredPool[];
  isOnline(id: string): boolean;
}

/** A ready node that nobody has reserved. */
export interface FreeNode {
  readonly id: string;
  readonly labels: readonly string[];
  readonly availabilityZone: string | null;
}

export interface LabelView {
  /** Why the label can't be served until the configuration changes; undefined where it can. */
  readonly offline: string | undefined;
  /** What one node of it takes. */
  readonly need: Quota;
  /** Whether an image to start it from exists now. */
  readonly hasImage: boolean;
}

export interface PoolView {
  readonly id: string;
  readonly provider: string;
  readonly priority: number;
  /** Unix seconds. */
  readonly nowSeconds: number;
  /** Undefined where the pool does not have the label. */
  label(name: string): LabelView | undefined;
  /** The pools online that have the labels of the request, this one among them if it has. */
  readonly registered: readonly RegisteredPool[];
  /** A request of this pool waits for quota; nothing else is taken meanwhile. */
  readonly isWaiting: boolean;
  /** Why it takes nothing new until somebody ends that, as a sentence; undefined: it is not drained. */
  readonly drained: string | undefined;
  readonly launching: number;
  /** Infinity: no limit. */
  readonly maxConcurrency: number;
  /** Limits of the pool, and what its nodes take, launches that have just begun included. */
  readonly poolLimits: Quota;
  readonly poolUsed: Quota;
  /** What the cloud leaves for Nodepool; `{}` where it sets no limits or they are ignored. */
  readonly providerLimits: Quota;
  readonly providerUsed: Quota;
  /**
   * Where the nodes are hosts that exist anyway: the places that the configuration gives a label,
   * whether a host is free now or not.
   */
  readonly inventory: ReadonlyMap<string, readonly FreeNode[]> | undefined;
  /** Free nodes of the pool with the label, oldest first. */
  freeNodes(label: string): readonly FreeNode[];
  /** Undefined where the tenant has no limits. */
  tenant(name: string): { readonly limits: Quota; readonly used: Quota } | undefined;
}
