/** Which nodes and uploads there are, to tell what in a cloud is of none. */
import { uploadsKnown, type KnownRecords } from '../../../rules/nodes/leaked.ts';
import { NODES, type UploadKey } from '../../../store/paths.ts';
import { buildKeys, imageNames, uploadKeysOf } from '../../image-records.ts';
import { childrenOf, inBatches, readNodes, type ReadOptions } from '../../records.ts';
import type { Records } from '../records.ts';

/** As far as the records could be read. */
export function knownOf(
  provider: string,
  { nodes, images }: Pick<Records, 'nodes' | 'images'>,
): KnownRecords {
  const readable = new Map(nodes.map(({ id, record }) => [id, record]));
  const uploads = [...images.values()].flatMap(({ builds }) =>
    builds.flatMap((build) =>
      build.uploads
        .filter((upload) => upload.provider === provider)
        .map((upload) => ({ build: build.id, upload: upload.id })),
    ),
  );
  return { nodeOf: (id) => readable.get(id), hasUpload: uploadsKnown(uploads) };
}

/** Read anew, those included that hold no record. */
export async function readKnown(provider: string, options: ReadOptions): Promise<KnownRecords> {
  const [ids, nodes, uploads] = await Promise.all([
    childrenOf(NODES, options),
    readNodes(options),
    uploadsTo(provider, options),
  ]);
  const known = new Set(ids);
  const readable = new Map(nodes.map(({ id, record }) => [id, record]));
  return {
    nodeOf: (id) => readable.get(id) ?? (known.has(id) ? 'unreadable' : undefined),
    hasUpload: uploadsKnown(uploads),
  };
}

async function uploadsTo(provider: string, options: ReadOptions): Promise<UploadKey[]> {
  const builds = await inBatches(await imageNames(options), (image) => buildKeys(image, options));
  const uploads = await inBatches(builds.flat(), (key) => uploadKeysOf(key, provider, options));
  return uploads.flat();
}
