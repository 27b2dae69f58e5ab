/**
 * One upload of a build to a provider, from the lock to the record that says how it ended:
 *
 *   lock -> still missing? -> record `uploading` -> the cloud -> hook -> `ready`
 *                                                     +-> anything else -> `failed`
 *
 * Whatever fails after the cloud has the image, it is deleted there again. If we die meanwhile its tags
 * tell whose it is, and the record, which nobody holds, tells the cleaning to look for it.
 */
import type { DiskimageConfig, ProviderConfig } from '../../schemas/config/model.ts';
import type { UploadRecord } from '../../schemas/records/image.ts';
import { messageOf, NodepoolError } from '../../shared/base/errors.ts';
import { joinSignals, withDeadline } from '../../shared/base/wait.ts';
import type { ImageStore } from '../../shared/drivers/driver.ts';
import { buildPath, type BuildKey } from '../../shared/store/paths.ts';
import type { OwnedUpload } from '../../shared/store/image-work.ts';
import type { HeldLock } from '../../shared/zookeeper/lock.ts';
import type { ZooKeeper } from '../../shared/zookeeper/types.ts';
import { claim } from '../claim.ts';
import { toState, type BuilderContext } from '../context.ts';
import type { ImageFolder } from '../files/image-folder.ts';
import { writeEnd } from '../persist.ts';
import { recordUpload } from '../telemetry/upload-metrics.ts';
import { runHook } from './hook.ts';
import type { UploadProgress } from './progress.ts';
import { watchUpload } from './watch-upload.ts';
import { uploadMetadata, uploadName } from './upload-names.ts';

export interface UploadTools {
  readonly client: ZooKeeper;
  readonly folder: ImageFolder;
}

export interface UploadJob {
  readonly key: BuildKey;
  readonly image: DiskimageConfig;
  readonly provider: ProviderConfig;
  readonly store: ImageStore;
  /** Looks once more, at what is known when the lock is held. */
  readonly isMissing: () => boolean;
}

export type UploadResult =
  | { readonly kind: 'ready'; readonly externalId: string }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** Somebody else does it, or has done it, or the build is gone. */
  | { readonly kind: 'not-needed' };

/** An upload that runs, for whoever wants to know how far it is. */
export interface RunningUpload extends BuildKey {
  readonly provider: string;
  readonly upload: string;
  readonly progress: UploadProgress;
}

/** To delete the image of an upload that failed; a builder that stops waits so long, too. */
const TAKE_BACK_MS = 30_000;

/** What the original writes of an upload that has failed. */
const NO_LOGIN = { username: null, python_path: null, shell_type: null };

export class ImageUploader {
  readonly #context: BuilderContext;
  readonly #tools: UploadTools;
  readonly #running = new Map<string, () => RunningUpload>();

  constructor(context: BuilderContext, tools: UploadTools) {
    this.#context = context;
    this.#tools = tools;
  }

  running(): RunningUpload[] {
    return [...this.#running.values()].map((now) => now());
  }

  /** Rejects only where the lock could not be asked for. */
  async run(job: UploadJob, signal: AbortSignal): Promise<UploadResult> {
    const lock = (): Promise<HeldLock | undefined> =>
      this.#context.work.lockUploads(job.key, job.provider.name, { signal });
    const held = await claim(this.#context, lock, job.isMissing, signal);
    return held === undefined ? { kind: 'not-needed' } : this.#upload(job, held, signal);
  }

  async #upload(job: UploadJob, held: HeldLock, signal: AbortSignal): Promise<UploadResult> {
    const { work, log } = this.#context;
    const { key, provider } = job;
    let owned: OwnedUpload;
    try {
      owned = await work.createUpload(held, key, provider.name, this.#newRecord(job));
    } catch (error) {
      await held.release();
      throw error;
    }
    const about = { ...key, provider: provider.name, upload: owned.id };
    const joined = joinSignals([signal, held.signal]);
    try {
      log.info('upload begins', about);
      const done = await this.#send(job, owned, joined.signal);
      await this.#finish(owned, { state: 'ready', ...done });
      log.info('upload is ready', { ...about, ...done });
      return { kind: 'ready', externalId: done.external_id };
    } catch (error) {
      log.error('upload failed', { ...about, error });
      await this.#fail(owned, about);
      return { kind: 'failed', error };
    } finally {
      joined.dispose();
    }
  }

  async #send(
    { key, image, provider, store }: UploadJob,
    owned: OwnedUpload,
    signal: AbortSignal,
  ): Promise<{ external_id: string; external_name: string; format: string }> {
    const { clock, log, metrics } = this.#context;
    const began = clock.monotonic();
    const { folder } = this.#tools;
    const { format } = store;
    const file = folder.pathOf(key, format);
    const providerImage = provider.diskimages.get(key.image);
    if (providerImage === undefined || (await folder.sizeOf(key, format)) === undefined)
      throw new NodepoolError('NP_BUILD_FAILED', `${file} is not there to be uploaded`);
    const name = uploadName(provider.imageNameFormat, {
      imageName: key.image,
      buildId: key.build,
      uploadId: owned.id,
      timestamp: Math.floor(clock.now() / 1000),
    });
    const ids = { provider: provider.name, build: key.build, upload: owned.id };
    const metadata = uploadMetadata(image.metadata, ids);
    const checksums = await folder.checksumsOf(key, format);
    const id = await this.#watched({ ...ids, image: key.image }, (onProgress) =>
      store.upload({ name, image: providerImage, file, checksums, metadata, onProgress }, signal),
    );
    try {
      const hook = provider.postUploadHook;
      if (hook !== undefined && hook !== '')
        await runHook(
          { hook, provider: provider.name, externalId: id, file },
          { clock, log },
          signal,
        );
    } catch (error) {
      await this.#takeBack(store, id);
      throw error;
    }
    const about = { image: key.image, provider: provider.name };
    recordUpload(metrics, about, clock.monotonic() - began);
    return { external_id: id, external_name: name, format };
  }

  /** Lets others see how far the work is. */
  async #watched<T>(
    about: Omit<RunningUpload, 'progress'>,
    work: (onProgress: (sent: number, total: number) => void) => Promise<T>,
  ): Promise<T> {
    const watch = watchUpload(about, this.#context);
    const id = `${about.build}/${about.provider}/${about.upload}`;
    this.#running.set(id, () => ({ ...about, progress: watch.progress() }));
    try {
      return await work(watch.update);
    } finally {
      this.#running.delete(id);
      watch.end();
    }
  }

  /** What remains is found by its tags before the record goes. */
  async #takeBack(store: ImageStore, externalId: string): Promise<void> {
    const { clock } = this.#context;
    const { signal } = new AbortController();
    const late = (): Error => new NodepoolError('NP_ABORTED', 'not deleted in time');
    try {
      await withDeadline({ clock, ms: TAKE_BACK_MS, signal, error: late }, (inner) =>
        store.delete(externalId, inner),
      );
    } catch (error) {
      this.#context.log.warn('image of a failed upload remains', { image: externalId, error });
    }
  }

  #finish(
    owned: OwnedUpload,
    patch: Partial<UploadRecord> & Pick<UploadRecord, 'state'>,
  ): Promise<void> {
    return writeEnd(this.#tools.client, this.#context.clock, owned, patch);
  }

  async #fail(owned: OwnedUpload, about: Readonly<Record<string, string>>): Promise<void> {
    try {
      await this.#finish(owned, { state: 'failed', ...NO_LOGIN });
    } catch (error) {
      const reason = messageOf(error);
      this.#context.log.warn('upload failed, and its record does not say so', { ...about, reason });
      await owned.release();
    }
  }

  #newRecord({ key }: UploadJob): UploadRecord {
    const { username, python_path, shell_type } =
      this.#context.images.builds.get(buildPath(key))?.record ?? NO_LOGIN;
    return {
      ...toState(this.#context.clock, 'uploading'),
      external_id: null,
      external_name: null,
      format: null,
      ...{ username, python_path, shell_type },
    };
  }
}
