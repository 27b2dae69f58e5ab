/**
 * `nodepool export-image-data PATH`: pauses, builds and uploads of all images into a file, for
 * `import-image-data` of ours or Python's. Only the owner may read the file, and it is replaced as a
 * whole.
 */
import { messageOf } from '../../base/errors.ts';
import type { Command } from '../command.ts';
import { collectImageData } from '../image-data/collect.ts';
import { imageDataText } from '../image-data/format.ts';
import { writePrivately } from '../private-file.ts';
import { withZooKeeper } from '../zookeeper.ts';

export const exportImageData: Command = {
  name: 'export-image-data',
  positional: '<path>',
  describe: 'Export image data from ZooKeeper',
  options: (parser) => parser.positional('path', { type: 'string', describe: 'file to write' }),
  async run(context, args) {
    const path = String(args.path);
    const entries = await withZooKeeper(context, (client) =>
      collectImageData({ client, signal: context.signal, warn: context.warn }),
    );
    try {
      await writePrivately(path, imageDataText(entries));
      return 0;
    } catch (error) {
      context.warn(`nodepool: ${path} cannot be written: ${messageOf(error)}`);
      return 1;
    }
  },
};
