/**
 * How many nodes are in each state: in all, by provider and by label. A change of one node costs the
 * same whether there are ten or ten thousand.
 */
import type { NodeRecord } from '../../schemas/records/node.ts';
import type { RecordCache } from '../../shared/store/record-cache.ts';

export type StateCounts = ReadonlyMap<string, number>;

const NOTHING: StateCounts = new Map();

export class NodeCounts {
  readonly #all = new Map<string, number>();
  readonly #byProvider = new Map<string, Map<string, number>>();
  readonly #byLabel = new Map<string, Map<string, number>>();

  constructor(nodes: RecordCache<NodeRecord>) {
    nodes.onChange(({ before, after }) => {
      if (before && after && countsSame(before.record, after.record)) return;
      if (before) this.#count(before.record, -1);
      if (after) this.#count(after.record, 1);
    });
  }

  get all(): StateCounts {
    return this.#all;
  }

  /** Only providers that have nodes. */
  providers(): IterableIterator<string> {
    return this.#byProvider.keys();
  }

  ofProvider(name: string): StateCounts {
    return this.#byProvider.get(name) ?? NOTHING;
  }

  /** Only labels that have nodes. */
  labels(): IterableIterator<string> {
    return this.#byLabel.keys();
  }

  ofLabel(name: string): StateCounts {
    return this.#byLabel.get(name) ?? NOTHING;
  }

  #count(node: NodeRecord, sign: 1 | -1): void {
    add(this.#all, node.state, sign);
    addTo(this.#byProvider, providerOf(node), { state: node.state, sign });
    for (const label of node.type) addTo(this.#byLabel, label, { state: node.state, sign });
  }
}

/** A node without provider counts under the original's word for that. */
function providerOf({ provider }: NodeRecord): string {
  return provider ?? 'None';
}

function countsSame(a: NodeRecord, b: NodeRecord): boolean {
  return (
    a.state === b.state &&
    a.provider === b.provider &&
    (a.type === b.type || JSON.stringify(a.type) === JSON.stringify(b.type))
  );
}

function add(counts: Map<string, number>, key: string, sign: number): void {
  const count = (counts.get(key) ?? 0) + sign;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}

function addTo(
  groups: Map<string, Map<string, number>>,
  name: string,
  { state, sign }: { state: string; sign: number },
): void {
  let counts = groups.get(name);
  if (!counts) groups.set(name, (counts = new Map<string, number>()));
  add(counts, state, sign);
  if (counts.size === 0) groups.delete(name);
}
