/** A drain in words, for the dump and for pages. */
import { safeText } from '../../shared/telemetry/safe-value.ts';
import type { Drain } from '../../shared/store/drains.ts';

/** `provider cloud is drained since 2026-11-29T14:00:00Z by root@desk: the cloud is being repaired` */
export function sayDrain({ kind, name, record }: Drain): string {
  const { since, by, comment } = record ?? {};
  return [
    `${kind} ${name} is drained`,
    since === undefined ? '' : ` since ${dateOf(since)}`,
    by == null ? '' : ` by ${safeText(by)}`,
    comment == null ? '' : `: ${safeText(comment)}`,
  ].join('');
}

/** What somebody wrote by hand may be no moment at all. */
function dateOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime())
    ? String(seconds)
    : date.toISOString().replace(/\.\d+Z$/, 'Z');
}
