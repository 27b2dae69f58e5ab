/**
 * What `nodepool top` knows at one moment: plain data, from ZooKeeper and from all web servers of ours
 * that answered. Times are Unix seconds.
 */
import type { z } from 'zod';

import type { buildsSchema, RunningUploadStatus } from '../../../schemas/builder-status.ts';
import type { LauncherStatus } from '../../../schemas/launcher-status.ts';

export type RunningBuildStatus = z.infer<typeof buildsSchema>['builds'][number];

/** One launcher or builder that is registered, or was named. */
export interface Process<T> {
  /** Its host as it is registered, else its address. */
  readonly name: string;
  /** As it registered. */
  readonly state: string;
  readonly version: string | undefined;
  /** Undefined: it tells nothing, see `problem`. */
  readonly answer: T | undefined;
  readonly problem: string | undefined;
}

export interface BuilderAnswer {
  readonly builds: readonly RunningBuildStatus[];
  readonly uploads: readonly RunningUploadStatus[];
}

/** What ZooKeeper has, whoever writes it. */
export interface Stored {
  /** Nodes by provider and state. */
  readonly nodes: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** In state `building`, the oldest first. */
  readonly nodesInTheMaking: readonly StoredWork[];
  /** Requests by state. */
  readonly requests: ReadonlyMap<string, number>;
  /** Of waiting requests: how many want a label, the most wanted first. */
  readonly wanted: readonly (readonly [label: string, requests: number])[];
  /** Builds in state `building`. */
  readonly builds: readonly StoredWork[];
  /** Uploads in state `uploading`. */
  readonly uploads: readonly StoredWork[];
  /** Pools that are online, by provider and name. */
  readonly pools: readonly StoredPool[];
}

/** One pool of one launcher, as it registers. */
export interface StoredPool {
  readonly provider: string;
  readonly name: string;
  /** The launcher's host. */
  readonly host: string;
  readonly labels: readonly string[];
  /** A request of it waits for room. */
  readonly isPaused: boolean;
}

export interface StoredWork {
  readonly name: string;
  readonly provider: string;
  /** The label of a node, the builder of a build. */
  readonly what: string;
  readonly since: number;
}

export interface TopData {
  readonly now: number;
  /** False: there is no connection to ZooKeeper, and what it had was last known. */
  readonly isCurrent: boolean;
  readonly stored: Stored;
  readonly launchers: readonly Process<LauncherStatus>[];
  readonly builders: readonly Process<BuilderAnswer>[];
}

/** Of the launchers that answered. */
export function statusesOf({ launchers }: TopData): LauncherStatus[] {
  return launchers.flatMap(({ answer }) => answer ?? []);
}
