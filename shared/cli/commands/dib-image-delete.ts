/**
 * `nodepool dib-image-delete ID`: has a builder delete a build with its files and all its uploads. The id
 * is that of `dib-image-list`: `<image>-<build>`.
 *
 * Exit code 0 also where there is no such build or it is being made, as in the original, whose lines on
 * stdout these are; 1 for what is no id.
 */
import { orderBuildDeletion } from '../../store/orders/image-deletions.ts';
import type { BuildKey } from '../../store/paths.ts';
import type { Command } from '../command.ts';
import { withZooKeeper } from '../zookeeper.ts';

export const dibImageDelete: Command = {
  name: 'dib-image-delete',
  positional: '<id>',
  describe: 'Delete a dib built image from disk along with all cloud uploads of this image',
  options: (parser) => parser.positional('id', { type: 'string', describe: 'dib image id' }),
  async run(context, args) {
    const id = String(args.id);
    const key = parseBuildId(id);
    if (key === undefined) {
      context.warn(
        `nodepool: ${id} is no id of a build: it is IMAGE-BUILD, as nodepool dib-image-list shows it`,
      );
      return 1;
    }
    const nowSeconds = context.clock.now() / 1000;
    const outcome = await withZooKeeper(context, (client) =>
      orderBuildDeletion(client, key, nowSeconds, { signal: context.signal }),
    );
    if (outcome === 'not-found') {
      context.print(`Build ${id} not found`);
      context.warn('nodepool dib-image-list shows the ids of all builds');
    } else if (outcome === 'in-progress') {
      context.print('Cannot delete a build in progress');
      context.warn('stop its builder, or wait until nodepool dib-image-list shows it as ready');
    }
    return 0;
  },
};

/** At the last dash, as names of images have dashes; undefined where there is none. */
function parseBuildId(id: string): BuildKey | undefined {
  const dash = id.lastIndexOf('-');
  return dash < 0 ? undefined : { image: id.slice(0, dash), build: id.slice(dash + 1) };
}
