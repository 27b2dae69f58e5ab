/** What is done while there are readers: changes are collected and told, news looked for, pings sent. */
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { eventFrame, PING, type Frame } from './frames.ts';
import { followNews, type NewsFeed } from './news.ts';
import type { EventReader } from './reader.ts';
import { Table } from './table.ts';
import type { Topic } from './topic.ts';

export interface WatchingOptions {
  readonly topics: readonly Topic[];
  readonly feeds: readonly NewsFeed[];
  readonly clock: Clock;
  readonly log: Logger;
}

/** Changes are collected for so long. */
const COLLECT_MS = 250;
/** Many readers make each telling dear: between two there is so much for each of them. */
const PACE_MS_A_READER = 15;
const PING_MS = 15_000;
/** Of a table's changes in one turn of the event loop. */
const CHANGES_A_TURN = 500;

export class Watching {
  readonly #options: WatchingOptions;
  readonly #readers: ReadonlySet<EventReader>;
  readonly #tables: { readonly table: Table; readonly changed: Set<string> }[];
  readonly #ends: (() => void)[] = [];
  /** By event: what was told last. */
  readonly #news = new Map<string, Frame>();
  readonly #stopped = new AbortController();
  #cancelTelling: (() => void) | undefined;
  #cancelPing: (() => void) | undefined;

  constructor(options: WatchingOptions, readers: ReadonlySet<EventReader>) {
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
      return { table: new Table(topic, options.log), changed };
    });
    const { clock, log, feeds } = options;
    for (const feed of feeds)
      void followNews(feed, {
        ...{ clock, log, signal: this.#stopped.signal, paceMs: () => this.#paceMs() },
        tell: (frame) => {
          this.#news.set(feed.event, frame);
          this.#tell(frame);
        },
      });
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

  #paceMs(): number {
    return PACE_MS_A_READER * this.#readers.size;
  }

  #tellLater(): void {
    const ms = Math.max(COLLECT_MS, this.#paceMs());
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
      const frame = table.changed(keys);
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

  #pingLater(): void {
    this.#cancelPing = this.#options.clock.after(PING_MS, () => {
      this.#tell(PING);
      this.#pingLater();
    });
  }
}

function* take<T>(items: Iterable<T>, most: number): Generator<T> {
  let left = most;
  for (const item of items) {
    if (left-- <= 0) return;
    yield item;
  }
}
