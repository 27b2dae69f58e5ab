/**
 * `nodepool top [--once] [--url URL]`: what goes on, live, on the whole terminal. Without a terminal it
 * prints one picture. Python's `nodepool` has no such command; where only Python's processes run it shows
 * what ZooKeeper has.
 */
import { lookOf, wishesOf } from '../listing/options.ts';
import { paintLine } from '../terminal/lines.ts';
import { urlsOption } from '../url-option.ts';
import { collect } from '../top/collect.ts';
import { wholePicture } from '../top/layout.ts';
import { runTop } from '../top/run.ts';
import { readStored } from '../top/stored.ts';
import { INITIAL_VIEW } from '../top/view-state.ts';
import type { Command } from '../command.ts';
import { configOf, withZooKeeperOf } from '../zookeeper.ts';

/** In a pipe lines are as long as they are, within reason. */
const PIPE_COLUMNS = 200;

export const top: Command = {
  name: 'top',
  describe: 'show live what waits, is launched, built and uploaded',
  options: (parser) =>
    urlsOption(parser, 'a launcher or builder').option('once', {
      boolean: true,
      default: false,
      describe: 'print one picture, as where there is no terminal',
    }),
  async run(context, args) {
    const config = await configOf(context);
    const urls = args.url as readonly string[] | undefined;
    const { terminal, signal, warn } = context;
    if (terminal?.isScreen === true && args.once !== true)
      return runTop({ context, config, terminal, urls });
    return withZooKeeperOf(config, context, async (client) => {
      const reading = { client, signal, warn, config, context, urls };
      const found = await collect(await readStored(reading), reading);
      const { columns = PIPE_COLUMNS, hasColour } = lookOf(context, wishesOf({ color: 'auto' }));
      for (const line of wholePicture({ ...found, isCurrent: true }, INITIAL_VIEW, columns))
        context.print(paintLine(line, hasColour).trimEnd());
      return 0;
    });
  },
};
