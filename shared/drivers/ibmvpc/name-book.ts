/**
 * What has which name, as far as known without asking: as listed last, and what was made since. A listing
 * may lag behind, and IBM is asked for things by their ids.
 */
import type { Makeable } from './creation.ts';

export class NameBook<T extends Makeable> {
  #listed = new Map<string, T>();
  /** Not listed yet. */
  readonly #made = new Map<string, T>();

  /** Learns from a listing. */
  learn(list: ReadonlyMap<string, T>): void {
    this.#listed = new Map([...list.values()].map((one) => [one.name, one] as const));
    for (const [name, { id }] of this.#made) if (list.has(id)) this.#made.delete(name);
  }

  /** Learns of what was made, or found, by a creation. */
  note(thing: T): void {
    this.#made.set(thing.name, thing);
  }

  /** It is gone. */
  forget({ id, name }: T): void {
    for (const book of [this.#listed, this.#made]) if (book.get(name)?.id === id) book.delete(name);
  }

  get(name: string): T | undefined {
    return this.#made.get(name) ?? this.#listed.get(name);
  }

  /** Whether a listing has shown it. */
  wasListed({ id, name }: T): boolean {
    return this.#listed.get(name)?.id === id;
  }
}
