/**
 * Whoever watches what goes on, and what they are told. Rows and their bytes are made once for all
 * readers, in pieces that cost a turn of the event loop little. While nobody watches nothing is done, and
 * nothing is kept.
 *
 * ZooKeeper being away changes nothing here: rows stay as they are, and the status tells.
 */
import type { ServerResponse } from 'node:http';

import { eventFrame } from './frames.ts';
import { EventReader, READER_LIMITS, type ReaderLimits } from './reader.ts';
import { Turns } from './turns.ts';
import { Watching, type WatchingOptions } from './watching.ts';

export interface EventHubOptions extends WatchingOptions {
  /** What each reader is told first. */
  readonly hello: () => object;
  readonly limits?: Partial<HubLimits>;
}

export interface HubLimits extends ReaderLimits {
  readonly maxReaders: number;
}

const MAX_READERS = 250;

export class EventHub {
  readonly #options: EventHubOptions;
  readonly #limits: HubLimits;
  readonly #readers = new Set<EventReader>();
  readonly #turns = new Turns();
  #watching: Watching | undefined;
  #isClosed = false;

  constructor(options: EventHubOptions) {
    this.#options = options;
    this.#limits = { ...READER_LIMITS, maxReaders: MAX_READERS, ...options.limits };
  }

  /** No more readers are taken. */
  get isFull(): boolean {
    return this.#isClosed || this.#readers.size >= this.#limits.maxReaders;
  }

  /**
   * The reader of an answer whose head has been sent; it belongs to us until it ends. `isPacked`: the
   * head says that it is compressed by gzip.
   */
  add(raw: ServerResponse, isPacked: boolean): void {
    const { clock, hello } = this.#options;
    const watching = (this.#watching ??= new Watching(this.#options, this.#readers));
    const reader = new EventReader({
      ...{ raw, isPacked, clock, limits: this.#limits, turns: this.#turns },
      snapshot: () => watching.snapshot(),
    });
    raw.once('close', () => {
      this.#readers.delete(reader);
      if (this.#readers.size > 0) return;
      this.#watching?.stop();
      this.#watching = undefined;
    });
    this.#readers.add(reader);
    reader.begin(eventFrame('hello', JSON.stringify(hello())));
  }

  /** Ends all of them. */
  close(): void {
    this.#isClosed = true;
    for (const reader of this.#readers) reader.end();
    this.#watching?.stop();
    this.#watching = undefined;
  }
}
