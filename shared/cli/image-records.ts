/**
 * Disk images, builds and uploads read straight from ZooKeeper, in the order in which Python's commands
 * list them: images and providers sorted, builds and uploads as ZooKeeper lists them.
 */
import {
  buildSchema,
  uploadSchema,
  type BuildRecord,
  type UploadRecord,
} from '../../schemas/records/image.ts';
import {
  buildPath,
  buildRequestPath,
  buildsPath,
  imageBuildLockPath,
  imagePausePath,
  IMAGES,
  providersPath,
  uploadPath,
  uploadsPath,
  type BuildKey,
  type UploadKey,
} from '../store/paths.ts';
import type { BuildRequestView, BuildView, ImageView, UploadView } from '../web/source.ts';
import { childrenOf, inBatches, readRecord, type ReadOptions } from './records.ts';

/** Names of all images that ZooKeeper knows, with builds or without, sorted. */
export async function imageNames(options: ReadOptions): Promise<string[]> {
  return (await childrenOf(IMAGES, options)).sort();
}

/** One for each image, sorted. */
export async function readImages(options: ReadOptions): Promise<ImageView[]> {
  return inBatches(await imageNames(options), async (name) => {
    const [isPaused, request] = await Promise.all([
      isPresent(imagePausePath(name), options),
      readRequest(name, options),
    ]);
    return { name, isPaused, request };
  });
}

export async function readBuilds(options: ReadOptions): Promise<BuildView[]> {
  const perImage = await inBatches(await imageNames(options), async (image) => {
    const [isPaused, keys] = await Promise.all([
      isPresent(imagePausePath(image), options),
      buildKeys(image, options),
    ]);
    return keys.map((key) => ({ key, isPaused }));
  });
  return inBatches(perImage.flat(), async ({ key, isPaused }) => {
    const record = await readRecord<BuildRecord>(buildPath(key), buildSchema, options);
    return record && { ...key, record, isPaused };
  });
}

export async function readUploads(options: ReadOptions): Promise<UploadView[]> {
  const builds = await inBatches(await imageNames(options), (image) => buildKeys(image, options));
  const keys = await inBatches(builds.flat(), (key) => uploadKeys(key, options));
  return inBatches(keys.flat(), async (key) => {
    const record = await readRecord<UploadRecord>(uploadPath(key), uploadSchema, options);
    return record && { ...key, record };
  });
}

/** All builds of the image, readable or not. */
export async function buildKeys(image: string, options: ReadOptions): Promise<BuildKey[]> {
  return (await withoutLocks(buildsPath(image), options)).map((build) => ({ image, build }));
}

/** All uploads of the build, readable or not. */
export async function uploadKeys(key: BuildKey, options: ReadOptions): Promise<UploadKey[]> {
  const providers = (await childrenOf(providersPath(key), options)).sort();
  const keys = await inBatches(providers, (provider) => uploadKeysOf(key, provider, options));
  return keys.flat();
}

/** All uploads of the build to the provider, readable or not. */
export async function uploadKeysOf(
  key: BuildKey,
  provider: string,
  options: ReadOptions,
): Promise<UploadKey[]> {
  const uploads = await withoutLocks(uploadsPath(key, provider), options);
  return uploads.map((upload) => ({ ...key, provider, upload }));
}

/**
 * Whether somebody builds for a request is guessed much as the original does (zookeeper.py,
 * getBuildRequest): the image's build lock is held, and a build is no older than that lock's znode. The
 * original looks at one of the builds, whichever; but our builders make the lock's znode anew each time.
 */
async function readRequest(
  image: string,
  options: ReadOptions,
): Promise<BuildRequestView | undefined> {
  const { client, signal } = options;
  const stat = await client.exists(buildRequestPath(image), { signal });
  if (stat === undefined) return undefined;
  const createdAt = stat.ctime / 1000;
  const lock = await client.exists(imageBuildLockPath(image), { signal });
  if (lock === undefined || lock.numChildren === 0) return { createdAt, isBuilding: false };
  const builds = await inBatches(await buildKeys(image, options), (key) =>
    client.exists(buildPath(key), { signal }),
  );
  return { createdAt, isBuilding: builds.some(({ ctime }) => ctime >= lock.ctime) };
}

async function isPresent(path: string, { client, signal }: ReadOptions): Promise<boolean> {
  return (await client.exists(path, { signal })) !== undefined;
}

async function withoutLocks(path: string, options: ReadOptions): Promise<string[]> {
  return (await childrenOf(path, options)).filter((name) => name !== 'lock');
}
