/** The HTTP header `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3). */

/** Where the cloud asks for patience without saying how much. */
const DEFAULT_MS = 1000;
/** A cloud that asks for more has other troubles; the launch's deadline must stay in sight. */
const MOST_MS = 300_000;

/** Milliseconds to wait from `nowMs` (since 1970) on. What cannot be read is one second. */
export function retryAfterMs(header: string | null, nowMs: number): number {
  const text = header?.trim() ?? '';
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  if (Number.isNaN(ms)) return DEFAULT_MS;
  return Math.min(MOST_MS, Math.max(0, ms));
}
