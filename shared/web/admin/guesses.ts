/** Who tries tokens until one fits is kept waiting. Pure but for what it remembers. */

/** Wrong tokens of one address in a minute. */
const MOST_WRONG = 10;
const WINDOW_MS = 60_000;
/** Addresses that are remembered; whoever has more of them begins anew. */
const MOST_ADDRESSES = 1000;

export class Guesses {
  readonly #wrong = new Map<string, { count: number; readonly sinceMs: number }>();

  /** Seconds until the address may try again; 0: now. `nowMs` never goes backwards. */
  waitSeconds(address: string, nowMs: number): number {
    const known = this.#wrong.get(network(address));
    if (known === undefined || known.count < MOST_WRONG) return 0;
    return Math.max(0, Math.ceil((known.sinceMs + WINDOW_MS - nowMs) / 1000));
  }

  wrong(address: string, nowMs: number): void {
    const key = network(address);
    const known = this.#wrong.get(key);
    if (known !== undefined && nowMs - known.sinceMs < WINDOW_MS) {
      known.count++;
      return;
    }
    this.#wrong.delete(key);
    const oldest = this.#wrong.keys().next().value;
    if (this.#wrong.size >= MOST_ADDRESSES && oldest !== undefined) this.#wrong.delete(oldest);
    this.#wrong.set(key, { count: 1, sinceMs: nowMs });
  }
}

/** Whoever has an address of IPv6 has all those of its network. */
function network(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address;
  return address.split(':', 4).join(':');
}
