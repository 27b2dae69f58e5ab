/** A topic of things with a value each, for tests of the event stream; and a page that reads it. */
import type { EventRow, Topic } from '../../shared/web/events/topic.ts';

export class Things implements Topic {
  readonly name = 'things';
  readonly all = new Map<string, unknown>();
  /** How often a row was made. */
  made = 0;
  readonly #listeners = new Set<(key: string) => void>();

  /** How many watch. */
  get watchers(): number {
    return this.#listeners.size;
  }

  put(key: string, value: unknown): void {
    this.all.set(key, value);
    for (const tell of this.#listeners) tell(key);
  }

  remove(key: string): void {
    this.all.delete(key);
    for (const tell of this.#listeners) tell(key);
  }

  keys(): Iterable<string> {
    return [...this.all.keys()];
  }

  row(key: string): EventRow | undefined {
    if (!this.all.has(key)) return undefined;
    this.made++;
    return { id: this.idOf(key), value: this.all.get(key) };
  }

  idOf(key: string): string {
    return `id-${key}`;
  }

  watch(listener: (key: string) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** What a page has that knows all. */
  expected(): [string, unknown][] {
    return [...this.all].map(([key, value]): [string, unknown] => [this.idOf(key), value]).sort();
  }
}

interface StreamData {
  readonly set?: readonly { readonly id: string; readonly value: unknown }[];
  readonly gone?: readonly string[];
}

/** The things as a reader of the stream has them. */
export class ThingsPage {
  readonly rows = new Map<string, unknown>();
  /** Names of all events, in order. */
  readonly events: string[] = [];
  /** The last data of each event. */
  readonly last = new Map<string, Readonly<Record<string, unknown>>>();
  #rest = '';

  read(bytes: Buffer | string): void {
    const parts = (this.#rest + bytes.toString()).split('\n\n');
    this.#rest = parts.pop() ?? '';
    for (const part of parts) this.#event(part);
  }

  sorted(): [string, unknown][] {
    return [...this.rows].sort();
  }

  #event(text: string): void {
    if (text.startsWith(':')) {
      this.events.push(text);
      return;
    }
    const [, event = '', json = ''] = /^event: (\w+)\ndata: (.*)$/.exec(text) ?? [];
    const data = JSON.parse(json) as StreamData & Record<string, unknown>;
    this.events.push(event);
    this.last.set(event, data);
    if (event === 'reset') this.rows.clear();
    if (event !== 'change') return;
    for (const { id, value } of data.set ?? []) this.rows.set(id, value);
    for (const id of data.gone ?? []) this.rows.delete(id);
  }
}
