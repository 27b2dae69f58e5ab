/**
 * `nodepool top` on a terminal: collects every second what there is, and draws it. What is drawn does not
 * wait for what is collected, so keys are obeyed at once.
 */
import type { Config } from '../../../schemas/config/model.ts';
import { hasLabel } from '../../base/errors.ts';
import { silentLogger } from '../../base/log.ts';
import { joinSignals, sleep } from '../../base/wait.ts';
import { COMPONENTS, IMAGES, NODES, REQUESTS } from '../../store/paths.ts';
import type { Context } from '../command.ts';
import { openFeed, type Feed } from '../listing/feed.ts';
import { piece, type Line } from '../terminal/lines.ts';
import { Screen, type Picture } from '../terminal/screen.ts';
import type { Size, Terminal } from '../terminal/terminal.ts';
import { withZooKeeperOf } from '../zookeeper.ts';
import { collect } from './collect.ts';
import { layout } from './layout.ts';
import type { Stored, TopData } from './model.ts';
import { readStored } from './stored.ts';
import { INITIAL_VIEW, press } from './view-state.ts';

const PACE_MS = 1000;

export interface TopOptions {
  readonly context: Context;
  readonly config: Config;
  readonly terminal: Terminal;
  readonly urls: readonly string[] | undefined;
}

/** Answers the exit code. */
export async function runTop(options: TopOptions): Promise<number> {
  const { config, terminal } = options;
  // Lines of the log would stand in the middle of the picture.
  const context = { ...options.context, log: silentLogger };
  const { clock, log, signal } = context;
  try {
    await withZooKeeperOf(config, context, async (client) => {
      const roots = [NODES, REQUESTS, COMPONENTS, IMAGES];
      const feed = await openFeed({ client, roots, clock, log, signal });
      const ended = new AbortController();
      const joined = joinSignals([signal, ended.signal]);
      const picture = new TopPicture();
      const screen = new Screen({ terminal, picture, signal });
      const stop = (): void => {
        ended.abort();
      };
      void screen.ended.then(stop, stop);
      try {
        await follow(feed, picture, screen, { ...options, context, signal: joined.signal });
      } finally {
        screen.close();
        joined.dispose();
        await feed.close();
      }
      await screen.ended;
    });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return 0;
}

async function follow(
  feed: Feed,
  picture: TopPicture,
  screen: Screen,
  { config, context, urls, signal }: TopOptions & { readonly signal: AbortSignal },
): Promise<void> {
  const reading = { client: feed.reader, signal, warn: () => undefined, config, context, urls };
  let stored: Stored | undefined;
  const look = async (): Promise<Omit<TopData, 'isCurrent'>> => {
    // Before it is read: what changes meanwhile is news for the next time.
    const isStale = feed.takeNews();
    if (isStale || stored === undefined) stored = await readStored(reading);
    return collect(stored, reading);
  };
  try {
    for (;;) {
      const found = await look().catch((error: unknown) => {
        if (signal.aborted || !hasLabel(error, 'retryable')) throw error;
        return undefined;
      });
      picture.take(found, feed.isCurrent && found !== undefined);
      screen.redraw();
      await sleep(context.clock, PACE_MS, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

class TopPicture implements Picture {
  #view = INITIAL_VIEW;
  #page = 1;
  #data: TopData | undefined;
  #newest: TopData | undefined;

  /** `found`: undefined: nothing could be had now. */
  take(found: Omit<TopData, 'isCurrent'> | undefined, isCurrent: boolean): void {
    const known = found ?? this.#newest;
    if (known === undefined) return;
    this.#newest = { ...known, isCurrent };
    if (!this.#view.isPaused) this.#data = this.#newest;
  }

  draw(size: Size): readonly Line[] {
    if (this.#data === undefined) return [[piece('nodepool top', 'bold'), piece('  looks …')]];
    const { lines, page, view } = layout(this.#data, this.#view, size);
    this.#page = page;
    this.#view = view;
    return lines;
  }

  press(key: string): 'go-on' | 'end' {
    const view = press(this.#view, key, this.#page);
    if (view === 'end') return 'end';
    this.#view = view;
    if (!view.isPaused) this.#data = this.#newest;
    return 'go-on';
  }
}
