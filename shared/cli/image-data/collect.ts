/**
 * Pauses, builds and uploads as they stand in ZooKeeper, for `export-image-data`: as text and unread, so
 * that nothing is lost of what another version wrote. In Python's order.
 */
import { NodepoolError } from '../../base/errors.ts';
import { isNoNode } from '../../zookeeper/errors.ts';
import { buildPath, imagePausePath, uploadPath } from '../../store/paths.ts';
import { buildKeys, imageNames, uploadKeys } from '../image-records.ts';
import { inBatches, type ReadOptions } from '../records.ts';

type Entry = readonly [path: string, data: string];

/** @throws NodepoolError NP_RECORD_CORRUPT for what is no text */
export async function collectImageData(options: ReadOptions): Promise<Entry[]> {
  const found: Entry[] = [];
  for (const image of await imageNames(options)) {
    const pause = imagePausePath(image);
    // What stands in a pause says nothing, and Python's export leaves it out.
    if ((await read(pause, options)) !== undefined) found.push([pause, '']);
    for (const key of await buildKeys(image, options)) {
      const build = await read(buildPath(key), options);
      if (build === undefined) continue;
      const uploads = await uploadKeys(key, options);
      found.push(
        build,
        ...(await inBatches(uploads, (upload) => read(uploadPath(upload), options))),
      );
    }
  }
  return found;
}

/** Undefined: it is gone. */
async function read(path: string, { client, signal }: ReadOptions): Promise<Entry | undefined> {
  try {
    const { data } = await client.get(path, { signal });
    return [path, textOf(data, path)];
  } catch (error) {
    if (isNoNode(error)) return undefined;
    throw error;
  }
}

function textOf(data: Buffer, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data);
  } catch (cause) {
    throw new NodepoolError('NP_RECORD_CORRUPT', `${path} holds no text`, {
      hint: 'look at the znode, and delete it if nobody needs it',
      cause,
    });
  }
}
