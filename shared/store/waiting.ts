/**
 * Requests that wait (`requested`), in the order of service, grouped by the set of labels they ask
 * for, so that a pool walks only through what it can serve.
 *
 * Order: priority text, relative priority, sequence text, ascending, as the original compares them.
 */
import type { RequestRecord } from '../../schemas/records/request.ts';
import { parseRequestId } from './paths.ts';
import type { Stored } from './record-cache.ts';

type StoredRequest = Stored<RequestRecord>;

interface Group {
  readonly labels: ReadonlySet<string>;
  /** Sorted. */
  readonly requests: StoredRequest[];
}

export function compareRequests(a: StoredRequest, b: StoredRequest): number {
  const left = parseRequestId(a.id);
  const right = parseRequestId(b.id);
  const leftPriority = left?.priority ?? a.id;
  const rightPriority = right?.priority ?? b.id;
  if (leftPriority !== rightPriority) return leftPriority < rightPriority ? -1 : 1;
  const relative = a.record.relative_priority - b.record.relative_priority;
  if (relative !== 0) return relative;
  const leftSequence = left?.sequence ?? '';
  const rightSequence = right?.sequence ?? '';
  return leftSequence < rightSequence ? -1 : leftSequence > rightSequence ? 1 : 0;
}

export class WaitingRequests {
  readonly #groups = new Map<string, Group>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  replace(before: StoredRequest | undefined, after: StoredRequest | undefined): void {
    if (before?.record.state === 'requested') this.#remove(before);
    if (after?.record.state === 'requested') this.#add(after);
  }

  /** Walks in the order of service through the groups whose labels pass the test. */
  *inOrder(serves: (labels: ReadonlySet<string>) => boolean): Generator<StoredRequest> {
    const heads: { requests: readonly StoredRequest[]; at: number }[] = [];
    for (const group of this.#groups.values()) {
      // A copy, since the walker's own decisions change the groups.
      if (serves(group.labels)) heads.push({ requests: [...group.requests], at: 0 });
    }
    for (;;) {
      let best: { requests: readonly StoredRequest[]; at: number } | undefined;
      let first: StoredRequest | undefined;
      for (const head of heads) {
        const candidate = head.requests[head.at];
        if (candidate && (first === undefined || compareRequests(candidate, first) < 0)) {
          best = head;
          first = candidate;
        }
      }
      if (!best || !first) return;
      best.at++;
      yield first;
    }
  }

  #add(stored: StoredRequest): void {
    const key = keyOf(stored);
    let group = this.#groups.get(key);
    if (!group) {
      group = { labels: new Set(stored.record.node_types), requests: [] };
      this.#groups.set(key, group);
    }
    group.requests.splice(place(group.requests, stored), 0, stored);
    this.#size++;
  }

  #remove(stored: StoredRequest): void {
    const key = keyOf(stored);
    const group = this.#groups.get(key);
    if (!group) return;
    const index = place(group.requests, stored);
    if (group.requests[index]?.id !== stored.id) return;
    group.requests.splice(index, 1);
    this.#size--;
    if (group.requests.length === 0) this.#groups.delete(key);
  }
}

function keyOf(stored: StoredRequest): string {
  const types = stored.record.node_types;
  if (types.length === 1) return types[0] ?? '';
  return [...new Set(types)].sort().join('\0');
}

/** Where the request stands, or belongs, in a sorted list. */
function place(requests: readonly StoredRequest[], stored: StoredRequest): number {
  let low = 0;
  let high = requests.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = requests[middle];
    if (other && compareRequests(other, stored) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
