/**
 * The rows of one topic as its readers know them: JSON that is made once for all readers. A snapshot is
 * taken piece by piece, so that it costs each turn of the event loop little, and pieces are kept until
 * one of their rows changes, so that a hundred readers who come at once cost one.
 *
 * Every reader is told of every change from its first piece on. So pieces of one snapshot may be of
 * different moments: what changed in between has been told, too.
 */
import type { Logger } from '../../base/log.ts';
import { changeFrame, type Frame } from './frames.ts';
import type { Topic } from './topic.ts';

/** Of a piece: a few ten kilobytes, about a millisecond to make. */
export const ROWS_A_PIECE = 200;

export class Table {
  readonly topic: Topic;
  readonly #log: Logger;
  /** Where each row stands. Places of rows that have gone are taken again. */
  readonly #places: (string | undefined)[] = [];
  readonly #placeOf = new Map<string, number>();
  readonly #free: number[] = [];
  /** By key: the row as readers have it. None: nobody has been told of it yet. */
  readonly #told = new Map<string, string>();
  readonly #pieces: (Frame | undefined)[] = [];

  constructor(topic: Topic, log: Logger) {
    this.topic = topic;
    this.#log = log;
    for (const key of topic.keys()) this.#place(key);
  }

  get size(): number {
    return this.#placeOf.size;
  }

  /** What has become of the things; undefined: nothing that readers do not know. */
  changed(keys: Iterable<string>): Frame | undefined {
    const set: string[] = [];
    const gone: string[] = [];
    for (const key of keys) {
      const json = this.#make(key);
      if (json === undefined) {
        if (this.#remove(key)) gone.push(this.topic.idOf(key));
        continue;
      }
      if (this.#told.get(key) === json) continue;
      this.#told.set(key, json);
      this.#pieces[pieceOf(this.#place(key))] = undefined;
      set.push(json);
    }
    if (set.length === 0 && gone.length === 0) return undefined;
    return changeFrame(this.topic.name, { set, gone });
  }

  /** All rows, as changes, each made when it is asked for. */
  *pieces(): Generator<Frame> {
    for (let at = 0; at * ROWS_A_PIECE < this.#places.length; at++) {
      const piece = (this.#pieces[at] ??= this.#makePiece(at));
      yield piece;
    }
  }

  #makePiece(at: number): Frame {
    const set: string[] = [];
    for (const key of this.#places.slice(at * ROWS_A_PIECE, (at + 1) * ROWS_A_PIECE)) {
      const json = key === undefined ? undefined : this.#jsonOf(key);
      if (json !== undefined) set.push(json);
    }
    return changeFrame(this.topic.name, { set, gone: [] });
  }

  /** Undefined: it has gone, which will be told. */
  #jsonOf(key: string): string | undefined {
    const told = this.#told.get(key);
    if (told !== undefined) return told;
    const json = this.#make(key);
    if (json !== undefined) this.#told.set(key, json);
    return json;
  }

  /** What cannot be shown is as good as absent; it must not end the process. */
  #make(key: string): string | undefined {
    try {
      return JSON.stringify(this.topic.row(key));
    } catch (error) {
      this.#log.error('a record cannot be shown', { topic: this.topic.name, key, error });
      return undefined;
    }
  }

  #place(key: string): number {
    const known = this.#placeOf.get(key);
    if (known !== undefined) return known;
    const place = this.#free.pop() ?? this.#places.length;
    this.#places[place] = key;
    this.#placeOf.set(key, place);
    return place;
  }

  #remove(key: string): boolean {
    const place = this.#placeOf.get(key);
    if (place === undefined) return false;
    this.#placeOf.delete(key);
    this.#places[place] = undefined;
    this.#free.push(place);
    this.#told.delete(key);
    this.#pieces[pieceOf(place)] = undefined;
    return true;
  }
}

function pieceOf(place: number): number {
  return Math.floor(place / ROWS_A_PIECE);
}
