/** All that ZooKeeper has of one provider. */
import type { NodeRecord } from '../../../schemas/records/node.ts';
import { uploadSchema, type UploadRecord } from '../../../schemas/records/image.ts';
import { providersPath, uploadPath, type BuildKey } from '../../store/paths.ts';
import type { Columns, Listing } from '../../web/listings.ts';
import type { NodeView } from '../../web/source.ts';
import { buildKeys, imageNames, uploadKeysOf } from '../image-records.ts';
import { childrenOf, inBatches, readNodes, readRecord, type ReadOptions } from '../records.ts';

export interface ProviderBuild extends BuildKey {
  /** Ids of the uploads that can be read, sorted. */
  readonly uploads: readonly string[];
}

export interface ProviderData {
  /** Builds that are or were uploaded to the provider, sorted by image and build. */
  readonly builds: readonly ProviderBuild[];
  /** In the order in which ZooKeeper lists them. */
  readonly nodes: readonly NodeView[];
}

export async function readProviderData(
  provider: string,
  options: ReadOptions,
): Promise<ProviderData> {
  const [builds, nodes] = await Promise.all([
    readProviderBuilds(provider, options),
    readNodes(options),
  ]);
  return { builds, nodes: nodes.filter(({ record }) => record.provider === provider) };
}

async function readProviderBuilds(
  provider: string,
  options: ReadOptions,
): Promise<ProviderBuild[]> {
  const keys = await inBatches(await imageNames(options), async (image) =>
    (await buildKeys(image, options)).sort((a, b) => (a.build < b.build ? -1 : 1)),
  );
  return inBatches(keys.flat(), async (key) => {
    if (!(await childrenOf(providersPath(key), options)).includes(provider)) return undefined;
    const uploads = await inBatches(await uploadKeysOf(key, provider, options), async (upload) =>
      (await readRecord<UploadRecord>(uploadPath(upload), uploadSchema, options))
        ? upload.upload
        : undefined,
    );
    return { ...key, uploads: uploads.sort() };
  });
}

const IMAGE_COLUMNS: Columns = [
  ['image', 'Image Name'],
  ['build', 'Build ID'],
  ['uploads', 'Upload IDs'],
];
const NODE_COLUMNS: Columns = [
  ['id', 'ID'],
  ['server_id', 'Server ID'],
];

export function providerListings({ builds, nodes }: ProviderData): {
  readonly images: Listing;
  readonly nodes: Listing;
} {
  return {
    images: {
      columns: IMAGE_COLUMNS,
      rows: builds.map(({ image, build, uploads }) => ({ image, build, uploads })),
    },
    nodes: {
      columns: NODE_COLUMNS,
      rows: nodes.map(({ id, record }) => ({ id, server_id: serverId(record) })),
    },
  };
}

/** The original prints this one cell as Python does. */
function serverId({ external_id: id }: NodeRecord): NodeRecord['external_id'] {
  return id ?? 'None';
}
