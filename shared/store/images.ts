/**
 * Uploads of disk images, as far as a launcher needs them: the newest one that is ready, by image and
 * provider.
 */
import { uploadSchema, type UploadRecord } from '../../schemas/records/image.ts';
import type { Logger } from '../base/log.ts';
import { TreeCache } from '../zookeeper/tree-cache.ts';
import type { ZooKeeper } from '../zookeeper/types.ts';
import { IMAGES, parseUploadPath } from './paths.ts';
import { RecordCache, type Stored } from './record-cache.ts';

export type StoredUpload = Stored<UploadRecord>;

export class ImageStore {
  /** Keyed by path, as an upload's number is only unique within its build and provider. */
  readonly cache: RecordCache<UploadRecord>;
  readonly #ready = new Map<string, Set<StoredUpload>>();

  constructor(client: ZooKeeper, log: Logger) {
    this.cache = new RecordCache({
      tree: new TreeCache({
        client,
        root: IMAGES,
        classify: (relative) =>
          parseUploadPath(`${IMAGES}/${relative}`)
            ? 'data'
            : /(^|\/)(lock|pause|request-build)(\/|$)/.test(relative)
              ? 'skip'
              : 'presence',
        log,
      }),
      schema: uploadSchema,
      isRecord: (path) => parseUploadPath(path) !== undefined,
      keyOf: (path) => path,
      log,
    });
    this.cache.onChange(({ before, after }) => {
      if (before) this.#ready.get(keyOf(before.path))?.delete(before);
      if (after?.record.state !== 'ready') return;
      const key = keyOf(after.path);
      let ready = this.#ready.get(key);
      if (!ready) this.#ready.set(key, (ready = new Set()));
      ready.add(after);
    });
  }

  /** Newest by the time at which it became ready, over all builds. */
  newestReady(image: string, provider: string): StoredUpload | undefined {
    let newest: StoredUpload | undefined;
    for (const upload of this.#ready.get(`${image}\0${provider}`) ?? []) {
      if (!newest || upload.record.state_time > newest.record.state_time) newest = upload;
    }
    return newest;
  }
}

function keyOf(path: string): string {
  const parts = parseUploadPath(path);
  return `${parts?.image ?? ''}\0${parts?.provider ?? ''}`;
}
