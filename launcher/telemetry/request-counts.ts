/**
 * How many requests there are in each state, and for which labels together: what pools could serve is
 * asked of each set of labels, not of each request.
 */
import type { RequestRecord } from '../../schemas/records/request.ts';
import type { RecordCache } from '../../shared/store/record-cache.ts';

interface LabelSet {
  readonly labels: readonly string[];
  count: number;
}

export class RequestCounts {
  readonly #byState = new Map<string, number>();
  readonly #bySet = new Map<string, LabelSet>();

  constructor(requests: RecordCache<RequestRecord>) {
    requests.onChange(({ before, after }) => {
      if (before) this.#count(before.record, -1);
      if (after) this.#count(after.record, 1);
    });
  }

  inState(state: string): number {
    return this.#byState.get(state) ?? 0;
  }

  /** Requests of any state whose labels are all among these. */
  within(labels: ReadonlySet<string>): number {
    let sum = 0;
    for (const set of this.#bySet.values()) {
      if (set.labels.every((label) => labels.has(label))) sum += set.count;
    }
    return sum;
  }

  #count({ state, node_types }: RequestRecord, sign: 1 | -1): void {
    this.#byState.set(state, this.inState(state) + sign);
    const labels = [...new Set(node_types)].sort();
    const key = labels.join('\0');
    const set = this.#bySet.get(key) ?? { labels, count: 0 };
    set.count += sign;
    if (set.count === 0) this.#bySet.delete(key);
    else this.#bySet.set(key, set);
  }
}
