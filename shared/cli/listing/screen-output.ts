/** What is watched on the whole terminal: it can be scrolled, ages go on, and `q` ends it. */
import { joinSignals } from '../../base/wait.ts';
import type { Context } from '../command.ts';
import { piece, type Line } from '../terminal/lines.ts';
import { Screen, type Picture } from '../terminal/screen.ts';
import { scrolled, scrollKeys } from '../terminal/scroll.ts';
import { harmless } from '../terminal/width.ts';
import type { Size, Terminal } from '../terminal/terminal.ts';
import { HEAD_LINES, type Lines } from './fitted-table.ts';
import type { Output, Seen } from './output.ts';
import { linesBetween, viewLines } from './view.ts';

/** More would leave no room for the list. */
const MOST_NOTES = 3;
const AWAY = 'no connection to ZooKeeper: this was last known';

export function screenOutput(title: string, terminal: Terminal, context: Context): Output {
  const ended = new AbortController();
  const joined = joinSignals([context.signal, ended.signal]);
  const picture = new WatchPicture(title, () => context.clock.now());
  const screen = new Screen({ terminal, picture, signal: context.signal });
  // Whoever watches stops then, and hears in `close` whether it went wrong.
  const stop = (): void => {
    ended.abort();
  };
  void screen.ended.then(stop, stop);
  return {
    showsTime: true,
    signal: joined.signal,
    show(seen) {
      picture.seen = seen;
      screen.redraw();
    },
    async close() {
      screen.close();
      joined.dispose();
      await screen.ended;
    },
  };
}

interface Made {
  readonly seen: Seen;
  readonly second: number;
  readonly columns: number;
  readonly lines: Lines;
}

class WatchPicture implements Picture {
  readonly #title: string;
  readonly #now: () => number;
  /** Undefined: nothing has been read yet. */
  seen: Seen | undefined;
  #made: Made | undefined;
  #from = 0;
  #page = 1;

  constructor(title: string, now: () => number) {
    this.#title = title;
    this.#now = now;
  }

  draw({ columns, rows }: Size): Line[] {
    const now = this.#now();
    const lines = this.#linesAt(Math.floor(now / 1000), columns);
    const notes = (this.seen?.notes ?? []).slice(0, MOST_NOTES);
    const below = notes.map((note) => [piece(harmless(note), 'red')]);
    const count = Math.max(0, (lines?.count ?? 0) - HEAD_LINES);
    this.#page = Math.max(1, rows - HEAD_LINES - 1 - below.length);
    this.#from = scrolled(this.#from, 0, count, this.#page);
    const last = Math.min(this.#from + this.#page, count);
    const isPart = last - this.#from < count;
    const title = [
      piece(this.#title, 'bold'),
      piece(`  ${new Date(now).toISOString().slice(11, 19)} UTC`),
      piece(isPart ? `  ${Math.floor((100 * last) / count)} %` : ''),
      piece('  q ends', 'dim'),
      piece(this.seen?.isCurrent === false ? `  ${AWAY}` : '', 'red'),
    ];
    const head = lines === undefined ? [] : linesBetween(lines, 0, HEAD_LINES);
    const [from, to] = [HEAD_LINES + this.#from, HEAD_LINES + last];
    const shown = lines === undefined ? [] : linesBetween(lines, from, to);
    return [title, ...head, ...shown, ...below];
  }

  /** As of a second: keys are obeyed at once also where a list is long. */
  #linesAt(second: number, columns: number): Lines | undefined {
    const { seen } = this;
    if (seen === undefined) return undefined;
    const made = this.#made;
    if (made?.seen === seen && made.second === second && made.columns === columns)
      return made.lines;
    const lines = viewLines(seen.viewAt(second), columns);
    this.#made = { seen, second, columns, lines };
    return lines;
  }

  press(key: string): 'go-on' | 'end' {
    if (key === 'q') return 'end';
    this.#from += scrollKeys(key, this.#page) ?? 0;
    return 'go-on';
  }
}
