/**
 * What is watched without a screen: each change is a block of lines, headed by its time, or a line of
 * JSON. What is wrong with the connection goes to stderr.
 */
import type { Context } from '../command.ts';
import { lookOf, type ListingWishes } from './options.ts';
import type { Output } from './output.ts';
import { shownText } from './view.ts';

export function streamOutput(context: Context, wishes: ListingWishes): Output {
  let shown: string | undefined;
  let wasCurrent = true;
  /** What was told of the look before, and is not told again. */
  let told: ReadonlySet<string> = new Set();
  return {
    showsTime: false,
    signal: context.signal,
    show({ viewAt, isCurrent, notes }) {
      for (const note of notes) if (!told.has(note)) context.warn(note);
      told = new Set(notes);
      if (isCurrent !== wasCurrent)
        context.warn(
          isCurrent
            ? 'nodepool: connected to ZooKeeper again'
            : 'nodepool: the connection to ZooKeeper is lost; waiting for it',
        );
      wasCurrent = isCurrent;
      // As of one moment: that time goes by is no change.
      const { json } = viewAt(0);
      if (json === shown) return;
      shown = json;
      const now = context.clock.now();
      const view = viewAt(now / 1000);
      if (wishes.isJson) context.print(view.json);
      else
        context.print(
          `${new Date(now).toISOString()}\n${shownText(view, lookOf(context, wishes))}\n`,
        );
    },
    close: () => Promise.resolve(),
  };
}
