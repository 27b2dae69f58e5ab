/**
 * Disk images: their builds, the uploads of these, and what operators ask for (`pause`,
 * `request-build`), all in one cache. The only ways to write them are in image-work.ts.
 */
import {
  buildSchema,
  uploadSchema,
  type BuildRecord,
  type UploadRecord,
} from '../../schemas/records/image.ts';
import type { Logger } from '../base/log.ts';
import { TreeCache, type ZnodeClass } from '../zookeeper/tree-cache.ts';
import type { ZooKeeper } from '../zookeeper/types.ts';
import {
  buildPath,
  buildsPath,
  buildRequestPath,
  imagePausePath,
  IMAGES,
  parseBuildPath,
  parseBuildRequestPath,
  parseUploadPath,
  providersPath,
  uploadsPath,
  type BuildKey,
  type UploadKey,
} from './paths.ts';
import { RecordCache, type Stored } from './record-cache.ts';

export type StoredBuild = Stored<BuildRecord>;
export type StoredUpload = Stored<UploadRecord>;

export class ImageStore {
  readonly tree: TreeCache;
  /** Keyed by path, so that one shape of key serves both. */
  readonly builds: RecordCache<BuildRecord>;
  /** Keyed by path, as an upload's number is only unique within its build and provider. */
  readonly uploads: RecordCache<UploadRecord>;
  readonly #ready = new Map<string, Set<StoredUpload>>();

  constructor(client: ZooKeeper, log: Logger) {
    this.tree = new TreeCache({ client, root: IMAGES, classify, log });
    const keyOf = (path: string): string => path;
    this.builds = new RecordCache({
      ...{ tree: this.tree, schema: buildSchema, keyOf, log },
      isRecord: (path) => parseBuildPath(path) !== undefined,
    });
    this.uploads = new RecordCache({
      ...{ tree: this.tree, schema: uploadSchema, keyOf, log },
      isRecord: (path) => parseUploadPath(path) !== undefined,
    });
    this.uploads.onChange(({ before, after }) => {
      if (before) this.#ready.get(readyKey(before.path))?.delete(before);
      if (after?.record.state !== 'ready') return;
      const key = readyKey(after.path);
      let ready = this.#ready.get(key);
      if (!ready) this.#ready.set(key, (ready = new Set()));
      ready.add(after);
    });
  }

  /** Newest by the time at which it became ready, over all builds. */
  newestReady(image: string, provider: string): StoredUpload | undefined {
    let newest: StoredUpload | undefined;
    for (const upload of this.#ready.get(readyId(image, provider)) ?? []) {
      if (!newest || upload.record.state_time > newest.record.state_time) newest = upload;
    }
    return newest;
  }

  /** Names of the images that ZooKeeper knows, with builds or without. */
  names(): readonly string[] {
    return this.tree.children(IMAGES);
  }

  /** Whether ZooKeeper knows the image, with builds or without. */
  has(image: string): boolean {
    return this.tree.has(`${IMAGES}/${image}`);
  }

  isPaused(image: string): boolean {
    return this.tree.has(imagePausePath(image));
  }

  isRequested(image: string): boolean {
    return this.tree.has(buildRequestPath(image));
  }

  /** Tells one request for a build from a later one; undefined: there is none. */
  requestId(image: string): string | undefined {
    return this.tree.get(buildRequestPath(image))?.stat.czxid.toString();
  }

  /** Ids of the image's builds, readable or not. */
  buildIds(image: string): readonly string[] {
    return this.tree.children(buildsPath(image));
  }

  /** Ids of builds that hold nothing: a lock was taken on one that had just been removed. */
  emptyBuildIds(image: string): string[] {
    return this.buildIds(image).filter(
      (build) => this.tree.get(buildPath({ image, build }))?.data.length === 0,
    );
  }

  /** Uploads of the build, readable or not. */
  uploadKeysOf(key: BuildKey): UploadKey[] {
    return this.tree
      .children(providersPath(key))
      .flatMap((provider) =>
        this.tree
          .children(uploadsPath(key, provider))
          .map((upload) => ({ ...key, provider, upload })),
      );
  }

  /** Uploads to the provider, of all images, readable or not. */
  uploadsTo(provider: string): UploadKey[] {
    return this.names().flatMap((image) =>
      this.buildIds(image).flatMap((build) =>
        this.tree
          .children(uploadsPath({ image, build }, provider))
          .map((upload) => ({ image, build, provider, upload })),
      ),
    );
  }
}

/** Locks are not looked at, as somebody who wants one tries to take it. */
function classify(relative: string): ZnodeClass {
  if (/(^|\/)lock(\/|$)/.test(relative)) return 'skip';
  const path = `${IMAGES}/${relative}`;
  if (parseBuildPath(path) || parseUploadPath(path)) return 'data';
  // For the time at which it was made.
  return parseBuildRequestPath(path) === undefined ? 'presence' : 'data';
}

function readyKey(path: string): string {
  const { image = '', provider = '' } = parseUploadPath(path) ?? {};
  return readyId(image, provider);
}

function readyId(image: string, provider: string): string {
  return `${image}\0${provider}`;
}
