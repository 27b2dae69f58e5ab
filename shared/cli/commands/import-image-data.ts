/**
 * `nodepool import-image-data PATH`: what `export-image-data` of ours or Python's wrote, into ZooKeeper.
 * No builder should run meanwhile, and no launcher before: to it what the clouds hold of these images is
 * left over. The file is looked through first: of a bad one nothing is written.
 */
import { readFile } from 'node:fs/promises';

import { messageOf } from '../../base/errors.ts';
import { importImageData as importInto } from '../../store/image-data.ts';
import type { Command } from '../command.ts';
import { parseImageData } from '../image-data/format.ts';
import { withZooKeeper } from '../zookeeper.ts';

/** More lines than this help nobody. */
const MAX_SHOWN = 20;

export const importImageData: Command = {
  name: 'import-image-data',
  positional: '<path>',
  describe: 'Import image data to ZooKeeper',
  options: (parser) => parser.positional('path', { type: 'string', describe: 'file to read' }),
  async run(context, args) {
    const path = String(args.path);
    let file: Buffer;
    try {
      file = await readFile(path);
    } catch (error) {
      context.warn(`nodepool: ${path} cannot be read: ${messageOf(error)}`);
      return 1;
    }
    const { data, problems, remarks } = parseImageData(file);
    if (problems.length > 0) {
      for (const line of shown(problems)) context.warn(`nodepool: ${path}: ${line}`);
      context.warn('nothing was imported');
      return 1;
    }
    for (const line of shown(remarks)) context.warn(`nodepool: ${path}: ${line}`);
    await withZooKeeper(context, (client) => importInto(client, data, { signal: context.signal }));
    return 0;
  },
};

function shown(lines: readonly string[]): string[] {
  const left = lines.length - MAX_SHOWN;
  return left > 0 ? [...lines.slice(0, MAX_SHOWN), `and ${left} more`] : [...lines];
}
