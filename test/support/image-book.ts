/**
 * What ZooKeeper has told of builds and uploads from the first to the last: each record with all its
 * versions, also when it is gone. Nobody forgets what a builder did for a moment.
 */
import type { BuildRecord, UploadRecord } from '../../schemas/records/image.ts';
import type { ImageStore } from '../../shared/store/images.ts';
import { parseBuildPath, parseUploadPath } from '../../shared/store/paths.ts';
import type { RecordCache } from '../../shared/store/record-cache.ts';

export interface Entry<R> {
  readonly path: string;
  /** Oldest first. */
  readonly versions: R[];
  isGone: boolean;
}

export interface BookedBuild extends Entry<BuildRecord> {
  readonly image: string;
  readonly build: string;
}

export interface BookedUpload extends Entry<UploadRecord> {
  readonly image: string;
  readonly build: string;
  readonly provider: string;
}

export class ImageBook {
  readonly #builds = new Map<string, Entry<BuildRecord>>();
  readonly #uploads = new Map<string, Entry<UploadRecord>>();
  /** Images that were built twice at a time, in words. */
  readonly collisions: string[] = [];

  /** Before the store's cache is started. */
  constructor(store: ImageStore) {
    note(store.builds, this.#builds);
    note(store.uploads, this.#uploads);
    store.builds.onChange(({ after }) => {
      if (after?.record.state === 'building') this.#lookForOthers(after.path);
    });
  }

  /** In the order in which they began. */
  builds(image?: string): BookedBuild[] {
    return [...this.#builds.values()].flatMap((entry) => {
      const key = parseBuildPath(entry.path);
      return key && (image === undefined || key.image === image) ? [{ ...entry, ...key }] : [];
    });
  }

  uploads(): BookedUpload[] {
    return [...this.#uploads.values()].flatMap((entry) => {
      const key = parseUploadPath(entry.path);
      return key ? [{ ...entry, ...key }] : [];
    });
  }

  #lookForOthers(path: string): void {
    const image = parseBuildPath(path)?.image;
    for (const other of this.builds(image))
      if (other.path !== path && !other.isGone && other.versions.at(-1)?.state === 'building')
        this.collisions.push(`${other.path} and ${path}`);
  }
}

function note<R extends object>(cache: RecordCache<R>, entries: Map<string, Entry<R>>): void {
  cache.onChange(({ path, after }) => {
    const entry = entries.get(path) ?? { path, versions: [], isGone: false };
    entries.set(path, entry);
    entry.isGone = after === undefined;
    if (after) entry.versions.push(after.record);
  });
}

/** The record's version with this state, the first one. */
export function inState<R extends { readonly state: string }>(
  { versions }: Entry<R>,
  state: R['state'],
): R | undefined {
  return versions.find((one) => one.state === state);
}
