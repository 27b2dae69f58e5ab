/**
 * What goes on in one launcher: its page `/status` tells it in JSON, the dashboard and `nodepool top`
 * show it. One definition for all sides, since they may be of different versions: a reader takes what it
 * knows and ignores the rest.
 *
 * Times are Unix seconds. Lists are bounded by their maker.
 */
import { z } from 'zod';

import { nodePhases } from './explanation.ts';

/** One resource of one limit: `instances`, `cores`, `ram` (MiB), `volumes`, ... */
export const resourceUseSchema = z.object({
  resource: z.string(),
  used: z.number(),
  /** Kept for launches that have begun and are not counted as used yet. */
  reserved: z.number(),
  /** Null: there is no limit. */
  limit: z.number().nullable(),
});
export type ResourceUse = Readonly<z.infer<typeof resourceUseSchema>>;

export const poolStatusSchema = z.object({
  /** As in a request's `declined_by`. */
  id: z.string(),
  name: z.string(),
  labels: z.array(z.string()),
  /** It takes no new requests at the moment: one waits for room, or it may not. */
  paused: z.boolean(),
  /** Limits of the pool itself (`max-servers`, ...). */
  quota: z.array(resourceUseSchema),
});
export type PoolStatus = Readonly<z.infer<typeof poolStatusSchema>>;

export const providerStatusSchema = z.object({
  name: z.string(),
  driver: z.string(),
  /** `absent`: it cannot start. `draining`: it takes nothing new, since it or the launcher is drained. */
  state: z.enum(['running', 'starting', 'absent', 'draining']),
  /** Why it cannot start, or who drains it. */
  problem: z.string().nullable(),
  /** When an absent one is tried again; null: now, or it runs. */
  again_at: z.number().nullable(),
  launching: z.number(),
  deleting: z.number(),
  /** Limits of the cloud, less what others use of it. */
  quota: z.array(resourceUseSchema),
  pools: z.array(poolStatusSchema),
});
export type ProviderStatus = Readonly<z.infer<typeof providerStatusSchema>>;

export const launchStepSchema = z.object({
  phase: z.enum(nodePhases),
  since: z.number(),
  attempt: z.number().nullable(),
});

/** One node of one request on its way, or at its end. */
export const launchStatusSchema = z.object({
  /** Stays the same over all looks, and is nobody else's. */
  key: z.string(),
  request: z.string(),
  event_id: z.string().nullable(),
  provider: z.string(),
  pool: z.string(),
  label: z.string(),
  node: z.string().nullable(),
  attempt: z.number().nullable(),
  attempts: z.number(),
  /** Why the last attempt failed. */
  problem: z.string().nullable(),
  /** In order; the last one is where it is. */
  steps: z.array(launchStepSchema),
  /** Null while it is under way. */
  ended: z.number().nullable(),
});
export type LaunchStatus = Readonly<z.infer<typeof launchStatusSchema>>;

/** One answer of one pool, with how many waiting requests got it. */
export const waitingReasonSchema = z.object({
  provider: z.string(),
  pool: z.string(),
  answer: z.enum(['defer', 'decline']),
  code: z.string(),
  /** The sentence that one of them got. */
  text: z.string(),
  count: z.number(),
  /** The first of them, in the order of service. */
  requests: z.array(z.string()),
});
export type WaitingReason = z.infer<typeof waitingReasonSchema>;

/** The first reason why one request waits, for lists. */
export const waitingRequestSchema = z.object({
  /** Id of the request. */
  id: z.string(),
  /** A sentence. */
  reason: z.string(),
  code: z.string(),
});

export const launcherStatusSchema = z.object({
  launcher: z.string(),
  version: z.string(),
  now: z.number(),
  /** False: its connection to ZooKeeper is away, or it still reads. */
  is_current: z.boolean(),
  /** It takes nothing new, since somebody drains it. */
  is_draining: z.boolean(),
  /** Requests in state `requested`. */
  waiting: z.number(),
  /** Of these, those about which no pool of this launcher has said anything. */
  without_answer: z.number(),
  /** Most frequent first. */
  reasons: z.array(waitingReasonSchema),
  /** In the order of service, the first 2,000. */
  requests: z.array(waitingRequestSchema),
  /** Requests that are being served here. */
  serving: z.number(),
  providers: z.array(providerStatusSchema),
  /** Under way, then those that ended last, at most 500. */
  launches: z.array(launchStatusSchema),
});
export type LauncherStatus = Readonly<z.infer<typeof launcherStatusSchema>>;
