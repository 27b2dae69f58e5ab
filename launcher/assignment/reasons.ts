/**
 * Why a pool takes a request or does not. The same words reach logs, metrics and the operator.
 */
import type { Gap } from '../../schemas/explanation.ts';
import type { QuotaGap } from '../../shared/cloud/quota.ts';

/** A pool that says one of these never serves the request; it adds itself to `declined_by`. */
export type DeclineCode =
  | 'pool-disabled'
  | 'label-missing'
  | 'label-offline'
  | 'image-missing'
  | 'never-fits'
  | 'no-room-for-stock'
  | 'launch-failed'
  | 'provider-drained';

/** A pool that says one of these looks again when what it names changes. */
export type DeferCode =
  | 'other-provider-preferred'
  | 'better-pool'
  | 'other-pool-has-label'
  | 'no-free-host'
  | 'tenant-quota'
  | 'pool-waits-for-quota'
  | 'max-concurrency'
  | 'draining'
  | 'quota-here-not-elsewhere';

export interface Reason<Code extends string = DeclineCode | DeferCode> {
  readonly code: Code;
  /** A sentence for people. */
  readonly text: string;
  /** Where it is a matter of amounts. */
  readonly missing?: readonly Gap[];
}

/** What is missing, with the limit that says so. */
export function gapsOf(of: Gap['of'], gaps: readonly QuotaGap[]): Gap[] {
  return gaps.map(({ name, need, left }) => ({ of, resource: name, need, left }));
}

/** For one field of a log line. */
export function sayReasons(reasons: readonly Reason[]): string {
  return reasons.map((reason) => reason.text).join('; ');
}
