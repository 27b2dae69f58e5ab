/**
 * `nodepool image-pause IMAGE` and `nodepool image-unpause IMAGE`: whether the image is built.
 *
 * The configuration is not asked: an image that is in ZooKeeper alone can be paused, too. Exit code 1
 * for pausing one that ZooKeeper does not know; unpausing one that is not paused is fine.
 */
import { pauseImage, unpauseImage } from '../../store/orders/builds.ts';
import type { Command } from '../command.ts';
import { withZooKeeper } from '../zookeeper.ts';

const options: Command['options'] = (parser) =>
  parser.positional('image', { type: 'string', describe: 'image name' });

export const imagePause: Command = {
  name: 'image-pause',
  positional: '<image>',
  describe: 'pause an image',
  options,
  async run(context, args) {
    const image = String(args.image);
    const outcome = await withZooKeeper(context, (client) =>
      pauseImage(client, image, { signal: context.signal }),
    );
    if (outcome === 'done') return 0;
    context.warn(
      `nodepool: ${image} has never been built or requested, so it cannot be paused\n` +
        `nodepool image-status shows which images can; set pause under diskimages of ${context.configPath} instead`,
    );
    return 1;
  },
};

export const imageUnpause: Command = {
  name: 'image-unpause',
  positional: '<image>',
  describe: 'unpause an image',
  options,
  async run(context, args) {
    const image = String(args.image);
    const outcome = await withZooKeeper(context, (client) =>
      unpauseImage(client, image, { signal: context.signal }),
    );
    if (outcome === 'not-paused')
      context.warn(
        `nodepool: ${image} is not paused; nodepool image-status shows which images are`,
      );
    return 0;
  },
};
