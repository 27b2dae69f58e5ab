/**
 * Whoever builds, uploads and deletes images: locks and writes, each fenced by its lock.
 *
 *   lockImage -> createBuild -> (the build) -> write and release
 *   lockUploads -> createUpload -> (the upload) -> write and release
 *   takeBuild, takeUpload -> (state deleting) -> removeBuild, removeUpload
 *
 * Locks and their places are those of Python's builders. Unlike there, nothing brings a build back
 * that was deleted meanwhile.
 */
import type { BuildRecord, UploadRecord } from '../../schemas/records/image.ts';
import { InvariantError } from '../base/errors.ts';
import { isNodeExists, isNoNode, isNotEmpty } from '../zookeeper/errors.ts';
import { Lock, type HeldLock } from '../zookeeper/lock.ts';
import { parentOf } from '../zookeeper/paths.ts';
import type { CallOptions, MultiOp, MultiResult, ZooKeeper } from '../zookeeper/types.ts';
import type { ImageStore, StoredBuild, StoredUpload } from './images.ts';
import { Owned } from './owned.ts';
import {
  buildLockPath,
  buildPath,
  buildRequestPath,
  idOf,
  imageBuildLockPath,
  parseBuildPath,
  parseUploadPath,
  uploadLockPath,
  uploadsLockPath,
  uploadsPath,
  type BuildKey,
} from './paths.ts';
import type { RecordCache } from './record-cache.ts';
import { take } from './take.ts';
import { Transaction } from './transaction.ts';

export type OwnedBuild = Owned<BuildRecord>;
export type OwnedUpload = Owned<UploadRecord>;

export class ImageWork {
  readonly #client: ZooKeeper;
  readonly #images: ImageStore;

  constructor(client: ZooKeeper, images: ImageStore) {
    this.#client = client;
    this.#images = images;
  }

  transaction(): Transaction {
    return new Transaction(this.#client);
  }

  /** The right to build the image. Undefined: somebody else has it. */
  async lockImage(image: string, options: CallOptions = {}): Promise<HeldLock | undefined> {
    const lock = new Lock(this.#client, imageBuildLockPath(image));
    return (await lock.tryAcquire({ ...options, createParents: true }))?.held;
  }

  /** `held`: of `lockImage`; it goes with the build from now on. */
  createBuild(held: HeldLock, key: BuildKey, record: BuildRecord): Promise<OwnedBuild> {
    const { builds } = this.#images;
    return this.#create(builds, held, { path: buildPath(key), mode: 'persistent' }, record);
  }

  /**
   * The right to upload the build to the provider. Undefined: somebody else has it, or the build is
   * gone.
   */
  async lockUploads(
    key: BuildKey,
    provider: string,
    options: CallOptions = {},
  ): Promise<HeldLock | undefined> {
    const uploads = uploadsPath(key, provider);
    const parents = [parentOf(parentOf(uploads)), parentOf(uploads), uploads];
    try {
      for (const path of parents) await this.#createIfMissing(path, options);
      const lock = new Lock(this.#client, uploadsLockPath(key, provider));
      return (await lock.tryAcquire(options))?.held;
    } catch (error) {
      if (isNoNode(error)) return undefined;
      throw error;
    }
  }

  /** `held`: of `lockUploads`; it goes with the upload from now on. */
  createUpload(
    held: HeldLock,
    key: BuildKey,
    provider: string,
    record: UploadRecord,
  ): Promise<OwnedUpload> {
    const path = `${uploadsPath(key, provider)}/`;
    const { uploads } = this.#images;
    return this.#create(uploads, held, { path, mode: 'persistentSequential' }, record);
  }

  /** Undefined: locked by somebody else, gone, or changed in the meantime. */
  takeBuild(
    stored: StoredBuild,
    patch: Partial<BuildRecord>,
    options: CallOptions = {},
  ): Promise<OwnedBuild | undefined> {
    const key = parseBuildPath(stored.path);
    if (key === undefined) return Promise.resolve(undefined);
    const lock = new Lock(this.#client, buildLockPath(key));
    return take(this.#images.builds, lock, stored, { patch, options });
  }

  /** Undefined: locked by somebody else, gone, or changed in the meantime. */
  takeUpload(
    stored: StoredUpload,
    patch: Partial<UploadRecord>,
    options: CallOptions = {},
  ): Promise<OwnedUpload | undefined> {
    const key = parseUploadPath(stored.path);
    if (key === undefined) return Promise.resolve(undefined);
    const lock = new Lock(this.#client, uploadLockPath(key));
    return take(this.#images.uploads, lock, stored, { patch, options });
  }

  /** Removes an upload's record for good. False: somebody else waits for its lock. */
  async removeUpload(owned: OwnedUpload): Promise<boolean> {
    try {
      await this.transaction().remove(owned).commit();
      return true;
    } catch (error) {
      if (isNotEmpty(error)) return false;
      throw error;
    }
  }

  /**
   * Removes a build's record with all that is below it, in one step. False: it has uploads, or
   * somebody holds a lock of it.
   */
  async removeBuild(key: BuildKey, options: CallOptions = {}): Promise<boolean> {
    const path = buildPath(key);
    try {
      const below = await this.#below(path, options);
      if (below.some(isInUse)) return false;
      const paths = [...below.toReversed(), path];
      const ops = paths.map((one): MultiOp => ({ op: 'delete', path: one }));
      await this.#images.tree.write(
        { paths: [path] },
        () => this.#client.multi(ops, options),
        () => [{ path, isDeleted: true }],
      );
      return true;
    } catch (error) {
      // Something came or went below it: the next look decides.
      if (isNotEmpty(error) || isNoNode(error)) return false;
      throw error;
    }
  }

  /** The image's request for a build has been answered. */
  async forgetRequest(image: string, options: CallOptions = {}): Promise<void> {
    try {
      await this.#client.delete(buildRequestPath(image), undefined, options);
    } catch (error) {
      if (!isNoNode(error)) throw error;
    }
  }

  async #create<R extends object>(
    cache: RecordCache<R>,
    held: HeldLock,
    place: { readonly path: string; readonly mode: 'persistent' | 'persistentSequential' },
    record: R,
  ): Promise<Owned<R>> {
    const data = cache.encode(record);
    const results = await cache.tree.write(
      { createdUnder: [parentOf(place.path.replace(/\/$/, '/x'))] },
      () => this.#client.multi([held.check(), { op: 'create', ...place, data }]),
      (answers) => {
        const { path, stat } = creation(answers);
        return [{ path, data, stat }];
      },
    );
    const { path, stat } = creation(results);
    const stored = { id: idOf(path), path, record, version: stat.version, ctimeMs: stat.ctime };
    return new Owned(cache, stored, held);
  }

  async #createIfMissing(path: string, options: CallOptions): Promise<void> {
    try {
      await this.#client.create(path, undefined, options);
    } catch (error) {
      if (!isNodeExists(error)) throw error;
    }
  }

  /** All paths below, parents before children. */
  async #below(path: string, options: CallOptions): Promise<string[]> {
    const found: string[] = [];
    const queue = [path];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const above = next;
      const { children } = await this.#client.children(above, options);
      const paths = children.map((name) => `${above}/${name}`);
      found.push(...paths);
      queue.push(...paths);
    }
    return found;
  }
}

/** Whether a path below a build says that somebody needs the build: an upload, a held lock. */
function isInUse(path: string): boolean {
  return parseUploadPath(path) !== undefined || parentOf(path).endsWith('/lock');
}

function creation(results: readonly MultiResult[]): MultiResult & { readonly op: 'create' } {
  const found = results.find((one) => one.op === 'create');
  if (found === undefined) throw new InvariantError('a transaction came back without its creation');
  return found;
}
