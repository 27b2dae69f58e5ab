/**
 * Why a request is where it is, as a launcher tells it at `/explain/<request>` and `nodepool explain`
 * reads it. One definition for both sides, since they may be of different versions: a reader takes
 * what it knows and ignores the rest.
 *
 * Times are Unix seconds. Lists are bounded by their makers; `count` says how many there are in all.
 */
import { z } from 'zod';

/** What is missing of one resource, and which limit says so. */
export const gapSchema = z.object({
  of: z.enum(['pool', 'cloud', 'tenant']),
  resource: z.string(),
  need: z.number(),
  /** Negative where more is used than is allowed. */
  left: z.number(),
});
export type Gap = Readonly<z.infer<typeof gapSchema>>;

/** A code of launcher/assignment/reasons.ts, with a sentence for people. */
export const reasonSchema = z.object({
  code: z.string(),
  text: z.string(),
  missing: z.array(gapSchema).default([]),
});
export type ExplainedReason = Readonly<z.infer<typeof reasonSchema>>;

/** Requests that are served before this one, the first of them by id. */
export const beforeSchema = z.object({ count: z.number(), requests: z.array(z.string()) });
export type Before = Readonly<z.infer<typeof beforeSchema>>;

/** What one pool says to a request. */
export const poolAnswerSchema = z.object({
  /** The pool's id, as in a request's `declined_by`. */
  id: z.string(),
  provider: z.string(),
  pool: z.string(),
  answer: z.enum(['accept', 'defer', 'decline']),
  reasons: z.array(reasonSchema),
  /** Since when it says so; null: it would say so now, and has not been asked yet. */
  since: z.number().nullable(),
  before: beforeSchema,
});
export type PoolAnswer = Readonly<z.infer<typeof poolAnswerSchema>>;

/** Where a node of a request that is being served can be on its way. */
export const nodePhases = [
  'beginning',
  'taking-ready-node',
  'waiting-for-room',
  'making-record',
  'creating',
  'waiting-for-address',
  'scanning-host-keys',
  'cleaning-up',
  'ready',
  'given-up',
] as const;
export type NodePhase = (typeof nodePhases)[number];

export const nodeProgressSchema = z.object({
  label: z.string(),
  phase: z.enum(nodePhases),
  since: z.number(),
  /** Its id, once it has one. */
  node: z.string().nullable(),
  /** From 1; null before the first one. */
  attempt: z.number().nullable(),
  /** `launch-retries`. */
  attempts: z.number(),
  /** Why the last attempt failed. */
  problem: z.string().nullable(),
  /** What it waits for in phase `waiting-for-room`. */
  missing: z.array(gapSchema),
});
export type ExplainedNode = Readonly<z.infer<typeof nodeProgressSchema>>;

/** A request in the hands of one pool. */
export const servingSchema = z.object({
  id: z.string(),
  provider: z.string(),
  pool: z.string(),
  since: z.number(),
  /** Those who wait for the same pool's room and come first. */
  before: beforeSchema,
  nodes: z.array(nodeProgressSchema),
});
export type ExplainedServing = Readonly<z.infer<typeof servingSchema>>;

/** A configured provider that has pools for the request, but cannot start. */
export const absentSchema = z.object({
  provider: z.string(),
  reason: z.string(),
  /** When it is tried again; null: at this moment. */
  again_at: z.number().nullable(),
});
export type AbsentProvider = Readonly<z.infer<typeof absentSchema>>;

/** All that one launcher knows of one request. */
export const launcherExplanationSchema = z.object({
  launcher: z.string(),
  /** False: it decides nothing now, since its connection to ZooKeeper is away or it still reads. */
  is_current: z.boolean(),
  /** True: so many nodes are being begun that nothing else is looked at for a moment. */
  is_busy: z.boolean(),
  request: z.string(),
  state: z.string(),
  serving: servingSchema.nullable(),
  /** Its pools. Those that do not have the labels come last. */
  pools: z.array(poolAnswerSchema),
  absent: z.array(absentSchema),
});
export type LauncherExplanation = Readonly<z.infer<typeof launcherExplanationSchema>>;
