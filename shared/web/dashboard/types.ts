/**
 * What the page gets over `/events`, for the type checker alone: nothing of it is served or run. Times
 * are Unix seconds, what is not there is null.
 */
import type { BuilderActivity } from './builder-types.ts';
import type { LauncherStatus } from '../../../schemas/launcher-status.ts';

export interface NodeRow {
  readonly id: string;
  readonly provider: string | null;
  readonly pool: string | null;
  readonly labels: readonly string[];
  readonly state: string;
  readonly state_time: number;
  readonly locked: boolean;
  readonly allocated_to: string | null;
  readonly hostname: string | null;
  readonly public_ipv4: string | null;
  readonly private_ipv4: string | null;
  readonly public_ipv6: string | null;
  readonly az: string | null;
  readonly external_id: string | null;
  readonly launcher: string | null;
  readonly hold_job: string | null;
  readonly comment: string | null;
  readonly requestor: string | null;
  readonly tenant: string | null;
}

export interface RequestRow {
  readonly id: string;
  readonly state: string;
  readonly state_time: number;
  readonly created_time: number | null;
  readonly priority: number | null;
  readonly requestor: string | null;
  readonly labels: readonly string[];
  readonly nodes: readonly string[];
  readonly declined_by: readonly string[];
  readonly event_id: string | null;
  readonly tenant: string | null;
}

export interface ImageRow {
  readonly id: string;
  readonly paused: boolean;
  readonly build_request: 'pending' | 'building' | null;
  readonly build_request_time: number | null;
}

export interface BuildRow {
  readonly id: string;
  readonly image: string;
  readonly build: string;
  readonly builder: string | null;
  readonly formats: readonly string[];
  readonly state: string;
  readonly state_time: number;
  readonly paused: boolean;
}

export interface UploadRow {
  readonly id: string;
  readonly image: string;
  readonly build: string;
  readonly provider: string;
  readonly upload: string;
  readonly external_name: string | null;
  readonly external_id: string | null;
  readonly state: string;
  readonly state_time: number;
}

export interface ComponentRow {
  readonly id: string;
  readonly kind: string;
  readonly hostname: string;
  readonly state: string;
  readonly version: string | null;
  readonly labels?: readonly string[] | null;
  readonly paused?: boolean | null;
  readonly provider?: string | null;
  readonly pool?: string | null;
}

export interface TopicRows {
  readonly nodes: NodeRow;
  readonly requests: RequestRow;
  readonly images: ImageRow;
  readonly builds: BuildRow;
  readonly uploads: UploadRow;
  readonly components: ComponentRow;
}
export type Topic = keyof TopicRows;

export interface Hello {
  readonly launcher: string;
  readonly version: string;
  readonly now: number;
  /** An admin token is configured: there is something to sign in to. */
  readonly may_act: boolean;
}

/** How the page gets its data. `stale`: what is shown is what was, until it is `live` again. */
export interface LinkState {
  readonly kind: 'connecting' | 'live' | 'stale';
  /** Milliseconds of `performance.now()` since when it is so. */
  readonly sinceMs: number;
  /** When it is tried again, in the same clock; undefined: it is being tried. */
  readonly againAtMs?: number | undefined;
  /** Why it is not live, for people. */
  readonly problem?: string | undefined;
}

/** What has changed since the page was drawn last. `time`: a second has gone by. */
export type Change =
  Topic | 'status' | 'builders' | 'hello' | 'link' | 'time' | 'address' | 'token';

export type { BuilderActivity, LauncherStatus };
