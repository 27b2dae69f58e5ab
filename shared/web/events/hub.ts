/**
 * Whoever watches what goes on, and what they are told. Rows and their bytes are made once for all
 * readers, in pieces that cost a turn of the event loop little. While nobody watches nothing is done, and
 * nothing is kept.
 *
 * ZooKeeper being away changes nothing here: rows stay as they are, and the status tells.
 */
import type { ServerResponse } from 'node:http';

import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { sleep } from '../../base/wait.ts';
import { eventFrame, PING, type Frame } from './frames.ts';
import { EventReader, READER_LIMITS, type ReaderLimits } from './reader.ts';
import { Table } from './table.ts';
import type { Topic } from './topic.ts';

/** News of its own kind: looked for while anybody watches. */
export interface NewsFeed {
  /** Name of the event. */
  readonly event: string;
  /** At least so long between two looks. */
  readonly everyMs: number;
  /** Told where it differs from the last one in more than its `now`. */
  readonly look: (signal: AbortSignal) => News | Promise<News>;
}

export interface News {
  readonly now?: number;
  readonly [key: string]: unknown;
}

export interface EventHubOptions {
  readonly topics: readonly Topic[];
  readonly feeds: readonly NewsFeed[];
  /** What each reader is told first. */
  readonly hello: () => object;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits?: Partial<HubLimits>;
}

export interface HubLimits extends ReaderLimits {
  readonly maxReaders: number;
}

const MAX_READERS = 250;
/** Changes are collected for so long, and longer where many readers make each telling dear. */
const COLLECT_MS = 250;
const COLLECT_MS_A_READER = 10;
const PING_MS = 15_000;
/** Of a table's changes in one turn of the event loop. */
const CHANGES_A_TURN = 500;
/** A look may not take more than this part of the time. */
const MOST_OF_THE_TIME = 1 / 50;

export class EventHub {
  readonly #options: EventHubOptions;
  readonly #limits: HubLimits;
  readonly #readers = new Set<EventReader>();
  #watching: Watching | undefined;

  constructor(options: EventHubOptions) {
    this.#options = options;
    this.#limits = { ...READER_LIMITS, maxReaders: MAX_READERS, ...options.limits };
  }

  get isFull(): boolean {
    return this.#readers.size >= this.#limits.maxReaders;
  }

  get size(): number {
    return this.#readers.size;
  }

  /**
   * The reader of an answer whose head has been sent; it belongs to us until it ends. `isPacked`: the
   * head says that it is compressed by gzip.
   */
  add(raw: ServerResponse, isPacked: boolean): void {
    const { clock, hello } = this.#options;
    const watching = (this.#watching ??= new Watching(this.#options, this.#readers));
    const reader = new EventReader({
      ...{ raw, isPacked, clock, limits: this.#limits },
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
    for (const reader of this.#readers) reader.end();
    this.#watching?.stop();
    this.#watching = undefined;
  }
}

/** What is done while there are readers. */
class Watching {
  readonly #options: EventHubOptions;
  readonly #readers: ReadonlySet<EventReader>;
  readonly #tables: { readonly table: Table; readonly changed: Set<string> }[];
  readonly #ends: (() => void)[] = [];
  /** By event: what was told last. */
  readonly #news = new Map<string, Frame>();
  readonly #stopped = new AbortController();
  #cancelTelling: (() => void) | undefined;
  #cancelPing: (() => void) | undefined;

  constructor(options: EventHubOptions, readers: ReadonlySet<EventReader>) {
    this.#options = options;
    this.#readers = readers;
    this.#tables = options.topics.map((topic) => {
      const changed = new Set<string>();
      this.#ends.push(
        topic.watch((key) => {
          changed.add(key);
          this.#tellLater();
        }),
      );
      return { table: new Table(topic), changed };
    });
    for (const feed of options.feeds) void this.#follow(feed);
    this.#pingLater();
  }

  stop(): void {
    this.#stopped.abort();
    for (const end of this.#ends) end();
    this.#cancelTelling?.();
    this.#cancelPing?.();
  }

  *snapshot(): Generator<Frame> {
    yield* this.#news.values();
    for (const { table } of this.#tables) {
      const topic = JSON.stringify({ topic: table.topic.name });
      yield eventFrame('reset', topic);
      yield* table.pieces();
      yield eventFrame('synced', topic);
    }
  }

  #tell(frame: Frame): void {
    for (const reader of this.#readers) reader.send(frame);
  }

  #tellLater(): void {
    const ms = Math.max(COLLECT_MS, COLLECT_MS_A_READER * this.#readers.size);
    this.#cancelTelling ??= this.#options.clock.after(ms, () => {
      this.#tellSome();
    });
  }

  /** So many changes in a turn; the rest comes in the next ones. */
  #tellSome(): void {
    let left = CHANGES_A_TURN;
    for (const { table, changed } of this.#tables) {
      const keys = [...take(changed, left)];
      left -= keys.length;
      for (const key of keys) changed.delete(key);
      const frame = this.#guarded(() => table.changed(keys));
      if (frame !== undefined) this.#tell(frame);
    }
    if (this.#tables.every(({ changed }) => changed.size === 0)) {
      this.#cancelTelling = undefined;
      return;
    }
    const next = setImmediate(() => {
      this.#tellSome();
    });
    this.#cancelTelling = () => {
      clearImmediate(next);
    };
  }

  /** A record that cannot be shown must not end the process. */
  #guarded<T>(make: () => T): T | undefined {
    try {
      return make();
    } catch (error) {
      this.#options.log.error('changes could not be told', { error });
      return undefined;
    }
  }

  #pingLater(): void {
    this.#cancelPing = this.#options.clock.after(PING_MS, () => {
      this.#tell(PING);
      this.#pingLater();
    });
  }

  async #follow(feed: NewsFeed): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#stopped;
    const isOver = (): boolean => signal.aborted;
    let told = '';
    while (!isOver()) {
      const since = clock.monotonic();
      let tookMs = 0;
      try {
        const looking = feed.look(signal);
        tookMs = clock.monotonic() - since;
        const { now, ...news } = await looking;
        const json = JSON.stringify(news);
        if (json !== told && !isOver()) {
          told = json;
          const head = now === undefined ? '{' : `{"now":${now},`;
          const frame = eventFrame(feed.event, head + json.slice(1));
          this.#news.set(feed.event, frame);
          this.#tell(frame);
        }
      } catch (error) {
        if (!isOver()) log.error('news could not be found out', { event: feed.event, error });
      }
      await sleep(clock, Math.max(feed.everyMs, tookMs / MOST_OF_THE_TIME), signal).catch(
        () => undefined,
      );
    }
  }
}

function* take<T>(items: Iterable<T>, most: number): Generator<T> {
  let left = most;
  for (const item of items) {
    if (left-- <= 0) return;
    yield item;
  }
}
