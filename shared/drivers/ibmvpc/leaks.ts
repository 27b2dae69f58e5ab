/**
 * What can outlive its node, or its upload, in a region: machines, floating IPs, and what the store of
 * images adds.
 */
import type { SharedListing } from '../../cloud/shared-listing.ts';
import type { LeakableResource, LeakCollector } from '../driver.ts';
import type { Makeable } from './creation.ts';
import type { Groups } from './groups.ts';

/** One kind of things. */
export interface LeakKind {
  /** The original's name, which is a part of metrics. */
  readonly kind: string;
  /** All of them, each with its tags. */
  list(signal: AbortSignal): Promise<readonly LeakableResource[]>;
  /** Resolves for what is gone, too. */
  delete(id: string, signal: AbortSignal): Promise<unknown>;
}

export class Leaks implements LeakCollector {
  readonly #kinds: readonly LeakKind[];

  /** In the order in which they are to go. */
  constructor(kinds: readonly LeakKind[]) {
    this.#kinds = kinds;
  }

  async list(signal: AbortSignal): Promise<readonly LeakableResource[]> {
    const all = await Promise.all(this.#kinds.map((kind) => kind.list(signal)));
    return all.flat();
  }

  async delete({ kind, id }: LeakableResource, signal: AbortSignal): Promise<void> {
    await this.#kinds.find((one) => one.kind === kind)?.delete(id, signal);
  }
}

export interface LeakedThingsOptions<T extends Makeable> {
  readonly kind: string;
  readonly listing: SharedListing<ReadonlyMap<string, T>>;
  readonly groups: Pick<Groups, 'tagged'>;
  /** Whether nodes are known by its name. */
  readonly isMachine: boolean;
  readonly delete: (id: string, signal: AbortSignal) => Promise<unknown>;
}

/** Things that a listing has. Those that go already are nobody's business. */
export function leakedThings<T extends Makeable>(options: LeakedThingsOptions<T>): LeakKind {
  const { kind, listing, groups, isMachine, delete: remove } = options;
  return {
    kind,
    list: async (signal) => {
      const list = await listing.next(signal);
      const staying = [...list.values()].filter(({ status }) => status !== 'deleting');
      const tagged = await groups.tagged(staying, signal);
      return tagged.map(({ thing: { id, name }, tags }) => ({
        ...{ kind, id, metadata: tags },
        ...(isMachine && { externalId: name }),
      }));
    },
    delete: remove,
  };
}
