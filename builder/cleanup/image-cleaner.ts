/**
 * Takes away what is not needed any more: uploads in the clouds, records, files. Each step is safe to
 * be done again, by us or by another builder, Python's too.
 *
 * An upload that failed, or that nobody works at any more, has left an image in the cloud perhaps, of
 * which no record has the id: it is found by its tags.
 */
import type { Config } from '../../schemas/config/model.ts';
import { NodepoolError } from '../../shared/base/errors.ts';
import type { StoredUpload } from '../../shared/store/images.ts';
import { buildPath, type BuildKey } from '../../shared/store/paths.ts';
import { markDeleting } from './mark.ts';
import { toState, type BuilderContext } from '../context.ts';
import type { ImageFolder } from '../files/image-folder.ts';
import type { ImageProviders } from '../image-providers.ts';
import { filesToDelete } from '../plan/local-files.ts';
import { decideRetention, type UploadOf } from '../../shared/rules/images/retention.ts';
import type { UploadView } from '../../shared/rules/images/view.ts';
import { storedUpload, viewsOf } from '../plan/views-of.ts';

export interface ImageCleanerOptions {
  readonly context: BuilderContext;
  readonly config: () => Config;
  readonly providers: ImageProviders;
  readonly folder: ImageFolder;
  /** Whether the build's files may be in use by what made them. */
  readonly isHeld: (key: BuildKey) => boolean;
}

export class ImageCleaner {
  readonly #options: ImageCleanerOptions;

  constructor(options: ImageCleanerOptions) {
    this.#options = options;
  }

  /** One round; what fails is logged, and done in the next one. */
  async run(signal: AbortSignal): Promise<void> {
    const { images } = this.#options.context;
    if (!images.tree.isCurrent) return;
    for (const image of images.names())
      await this.#attempt({ image }, () => this.#cleanImage(image, signal), signal);
    await this.#attempt({}, () => this.#cleanFiles(signal), signal);
  }

  async #cleanImage(image: string, signal: AbortSignal): Promise<void> {
    const { context, config, providers } = this.#options;
    const { images, work } = context;
    const decision = decideRetention({
      builds: viewsOf(images, image),
      isConfigured: config().diskimages.has(image),
      providers: providers.listing(image),
    });
    for (const one of decision.deleteUploads)
      await this.#each(image, one, signal, (stored) => this.#deleteUpload(stored, one, signal));
    for (const one of decision.abandonedUploads)
      await this.#each(image, one, signal, (stored) =>
        this.#endAbandoned(image, stored, one, signal),
      );
    for (const build of decision.markDeleting)
      await markDeleting(context, { image, build }, signal);
    for (const build of decision.abandonedBuilds) await this.#endBuild({ image, build }, signal);
    // Python's cleaning fails at those that are empty.
    for (const build of [...decision.remove, ...images.emptyBuildIds(image)])
      await work.removeBuild({ image, build }, { signal });
  }

  /** Other uploads do not wait for one whose cloud fails. */
  async #each(
    image: string,
    { build, upload }: UploadOf,
    signal: AbortSignal,
    act: (stored: StoredUpload) => Promise<void>,
  ): Promise<void> {
    const { context, providers } = this.#options;
    const stored = storedUpload(context.images, { image, build }, upload);
    if (stored === undefined) return;
    // It may be back at once: nothing is wrong yet.
    if (providers.isStarting && providers.running(upload.provider) === undefined) return;
    const about = { image, build, provider: upload.provider, upload: upload.id };
    await this.#attempt(about, () => act(stored), signal);
  }

  async #deleteUpload(stored: StoredUpload, { build, upload }: UploadOf, signal: AbortSignal) {
    const { context } = this.#options;
    const owned = await context.work.takeUpload(stored, toState(context.clock, 'deleting'), {
      signal,
    });
    if (owned === undefined) return;
    try {
      await this.#deleteInCloud(build, upload, signal);
      if (await context.work.removeUpload(owned)) return;
    } catch (error) {
      await owned.release();
      throw error;
    }
    await owned.release();
  }

  async #endAbandoned(
    image: string,
    stored: StoredUpload,
    { build, upload }: UploadOf,
    signal: AbortSignal,
  ): Promise<void> {
    const { context } = this.#options;
    const { provider } = upload;
    const held = await context.work.lockUploads({ image, build }, provider, { signal });
    // Whoever holds it works at it.
    if (held === undefined) return;
    try {
      await context.images.tree.caughtUp(signal);
      const now = storedUpload(context.images, { image, build }, upload);
      if (now?.record.state !== 'uploading') return;
      await this.#deleteInCloud(build, upload, signal);
      const owned = await context.work.takeUpload(now, {}, { signal });
      if (owned && !(await context.work.removeUpload(owned))) await owned.release();
    } finally {
      await held.release();
    }
  }

  /** By its id if the record has one, else by its tags. */
  async #deleteInCloud(build: string, upload: UploadView, signal: AbortSignal): Promise<void> {
    const { provider, id, record } = upload;
    const store = this.#options.providers.running(provider)?.store;
    if (store === undefined) throw absentError(provider);
    if (record.external_id !== null) {
      await store.delete(record.external_id, signal);
      return;
    }
    for (const { externalId, metadata } of await store.list(signal))
      if (
        metadata.nodepool_provider_name === provider &&
        metadata.nodepool_build_id === build &&
        metadata.nodepool_upload_id === id
      )
        await store.delete(externalId, signal);
  }

  async #endBuild(key: BuildKey, signal: AbortSignal): Promise<void> {
    const { images, work } = this.#options.context;
    const held = await work.lockImage(key.image, { signal });
    // Whoever holds it builds.
    if (held === undefined) return;
    try {
      await images.tree.caughtUp(signal);
      if (images.builds.get(buildPath(key))?.record.state === 'building')
        await markDeleting(this.#options.context, key, signal);
    } finally {
      await held.release();
    }
  }

  async #cleanFiles(signal: AbortSignal): Promise<void> {
    const { context, config, folder, providers, isHeld } = this.#options;
    // Records are made before files: what is listed now is known after this.
    const local = await folder.builds();
    await context.images.tree.caughtUp(signal);
    for (const one of local.filter((each) => !isHeld(each))) {
      const image = config().diskimages.get(one.image);
      const build = viewsOf(context.images, one.image).find(({ id }) => id === one.build);
      // A record that cannot be read is no reason to delete what it is about.
      if (build === undefined && context.images.buildIds(one.image).includes(one.build)) continue;
      const isPruned = image?.deleteAfterUpload === true && providers.allRun(one.image);
      const names = filesToDelete({
        ...{ local: one, build, pruning: isPruned ? image : undefined },
        wishes: providers.wishesFor(one.image),
      });
      if (names.length === 0) continue;
      context.log.info('files deleted', { image: one.image, build: one.build, files: names });
      await folder.delete(names);
    }
  }

  async #attempt(
    about: Readonly<Record<string, string>>,
    act: () => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (signal.aborted) throw error;
      this.#options.context.log.warn('cleaning failed; tried again', { ...about, error });
    }
  }
}

function absentError(provider: string): NodepoolError {
  return new NodepoolError('NP_PROVIDER_START', `provider ${provider} does not run`);
}
