/** One kind of thing that the event stream tells of. */

/** Whatever is shown of one thing; `id` tells it from all others of its topic. */
export interface EventRow {
  readonly id: string;
  readonly [key: string]: unknown;
}

/** Keys are the topic's own names of its things; a row's `id` is what readers know it by. */
export interface Topic {
  readonly name: string;
  keys(): Iterable<string>;
  /** Undefined: there is no such thing (any more). */
  row(key: string): EventRow | undefined;
  /** The `id` of the row, also of one that has gone. */
  idOf(key: string): string;
  /** Called with the key of whatever came, went or may have changed; the answer ends it. */
  watch(listener: (key: string) => void): () => void;
}
