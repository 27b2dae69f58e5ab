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
/** What the order of service depends on. */
type Ordered = Pick<StoredRequest, 'id' | 'record'>;

/** Requests that ask for the same set of labels. */
export interface WaitingGroup {
  readonly labels: ReadonlySet<string>;
  /** In the order of service. Changes as requests come and go; empty once the group is gone. */
  readonly requests: readonly StoredRequest[];
}

interface Group extends WaitingGroup {
  readonly requests: StoredRequest[];
}

interface OrderKey {
  readonly priority: string;
  readonly relative: number;
  readonly sequence: string;
}

/** Taking an id apart for each comparison would cost more than all else. */
const orderKeys = new WeakMap<Ordered, OrderKey>();

function orderKeyOf(stored: Ordered): OrderKey {
  let key = orderKeys.get(stored);
  if (!key) {
    const parts = parseRequestId(stored.id);
    const { priority, sequence } = parts ?? { priority: stored.id, sequence: '' };
    key = { priority, relative: stored.record.relative_priority, sequence };
    orderKeys.set(stored, key);
  }
  return key;
}

export function compareRequests(a: Ordered, b: Ordered): number {
  const left = orderKeyOf(a);
  const right = orderKeyOf(b);
  if (left.priority !== right.priority) return left.priority < right.priority ? -1 : 1;
  if (left.relative !== right.relative) return left.relative - right.relative;
  if (left.sequence === right.sequence) return 0;
  return left.sequence < right.sequence ? -1 : 1;
}

export class WaitingRequests {
  readonly #groups = new Map<string, Group>();
  /** Each group under one of its labels: whoever serves the group has that one, too. */
  readonly #byLabel = new Map<string, Set<Group>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  replace(before: StoredRequest | undefined, after: StoredRequest | undefined): void {
    if (before?.record.state === 'requested') this.#remove(before);
    if (after?.record.state === 'requested') this.#add(after);
  }

  groups(): Iterable<WaitingGroup> {
    return this.#groups.values();
  }

  groupOf(stored: StoredRequest): WaitingGroup | undefined {
    return this.#groups.get(keyOf(stored));
  }

  /** Groups that ask for nothing but labels among these. */
  *groupsWithin(labels: Iterable<string>): Generator<WaitingGroup> {
    const offered = new Set(labels);
    for (const label of new Set([...offered, NO_LABEL])) {
      for (const group of this.#byLabel.get(label) ?? []) {
        if ([...group.labels].every((one) => offered.has(one))) yield group;
      }
    }
  }

  /** Walks in the order of service through the groups whose labels pass the test. */
  *inOrder(serves: (labels: ReadonlySet<string>) => boolean): Generator<StoredRequest> {
    // A copy, since the walker's own decisions change the groups.
    const requests = [...this.#groups.values()]
      .filter((group) => serves(group.labels))
      .flatMap((group) => group.requests);
    yield* requests.sort(compareRequests);
  }

  #add(stored: StoredRequest): void {
    const key = keyOf(stored);
    let group = this.#groups.get(key);
    if (!group) {
      group = { labels: new Set(stored.record.node_types), requests: [] };
      this.#groups.set(key, group);
      const label = labelOf(group);
      const others = this.#byLabel.get(label);
      if (others) others.add(group);
      else this.#byLabel.set(label, new Set([group]));
    }
    group.requests.splice(placeOf(group.requests, stored), 0, stored);
    this.#size++;
  }

  #remove(stored: StoredRequest): void {
    const key = keyOf(stored);
    const group = this.#groups.get(key);
    if (!group) return;
    const index = placeOf(group.requests, stored);
    if (group.requests[index]?.id !== stored.id) return;
    group.requests.splice(index, 1);
    this.#size--;
    if (group.requests.length > 0) return;
    this.#groups.delete(key);
    const label = labelOf(group);
    const others = this.#byLabel.get(label);
    others?.delete(group);
    if (others?.size === 0) this.#byLabel.delete(label);
  }
}

/** The first request of the group that is served after the given one, which need not be in it. */
export function nextInGroup(
  { requests }: WaitingGroup,
  last: StoredRequest | undefined,
): StoredRequest | undefined {
  if (!last) return requests[0];
  const place = placeOf(requests, last);
  const found = requests[place];
  return found && compareRequests(found, last) === 0 ? requests[place + 1] : found;
}

/** Under which groups that ask for no label stand. */
const NO_LABEL = '';

function labelOf(group: WaitingGroup): string {
  const [label = NO_LABEL] = group.labels;
  return label;
}

function keyOf(stored: StoredRequest): string {
  const types = stored.record.node_types;
  if (types.length === 1) return types[0] ?? '';
  return [...new Set(types)].sort().join('\0');
}

/** Where the request stands, or belongs, in a sorted list. */
function placeOf(requests: readonly StoredRequest[], stored: StoredRequest): number {
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
