/** A queue in a ring: both ends cost the same however long it is. */
export class Fifo<T> {
  #ring: (T | undefined)[] = new Array<T | undefined>(16);
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(item: T): void {
    if (this.#size === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.#size) & (this.#ring.length - 1)] = item;
    this.#size++;
  }

  peek(): T | undefined {
    return this.#size === 0 ? undefined : this.#ring[this.#head];
  }

  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#size--;
    return item;
  }

  /** Takes all out, oldest first. */
  drain(): T[] {
    const items = [...this];
    this.#ring = new Array<T | undefined>(16);
    this.#head = 0;
    this.#size = 0;
    return items;
  }

  *[Symbol.iterator](): Generator<T> {
    for (let i = 0; i < this.#size; i++) {
      const item = this.#ring[(this.#head + i) & (this.#ring.length - 1)];
      if (item !== undefined) yield item;
    }
  }

  /** The length stays a power of two, so that a mask wraps the index. */
  #grow(): void {
    const items = [...this];
    this.#ring = items;
    this.#ring.length = 2 * items.length;
    this.#head = 0;
  }
}
