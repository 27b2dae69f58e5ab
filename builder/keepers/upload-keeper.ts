/**
 * Uploads what is missing, so many at a time over all providers: one that is slow or broken holds up
 * its own uploads only.
 */
import type { Config, DiskimageConfig } from '../../schemas/config/model.ts';
import type { BuilderContext } from '../context.ts';
import type { ImageFolder } from '../files/image-folder.ts';
import type { ImageProviders } from '../image-providers.ts';
import {
  decideUploads,
  type MissingUpload,
  type UploadDecision,
  type UploadInput,
} from '../../shared/rules/images/due-uploads.ts';
import { uploadsToBegin } from '../plan/upload-slots.ts';
import { viewsOf } from '../plan/views-of.ts';
import type { UploadJob, UploadResult } from '../upload/upload-image.ts';
import { FailureCounts } from './failures.ts';
import { Jobs } from './jobs.ts';
import { Keeper } from '../keeper.ts';

export interface UploadKeeperOptions {
  readonly context: BuilderContext;
  readonly config: () => Config;
  readonly providers: ImageProviders;
  readonly folder: ImageFolder;
  readonly upload: (job: UploadJob, signal: AbortSignal) => Promise<UploadResult>;
  /** Uploads at once. */
  readonly workers: () => number;
  /** An upload has ended, well or not: the next may be due. */
  readonly onUploaded: () => void;
}

type FilesOf = UploadInput['filesOf'];

export class UploadKeeper {
  readonly #options: UploadKeeperOptions;
  readonly #keeper: Keeper;
  readonly #failures: FailureCounts;
  readonly #jobs: Jobs;

  constructor(options: UploadKeeperOptions) {
    this.#options = options;
    const { clock, log } = options.context;
    this.#failures = new FailureCounts(clock);
    this.#jobs = new Jobs(options.onUploaded);
    this.#keeper = new Keeper({
      clock,
      look: () => this.#look(),
      netSeconds: () => options.config().extensions.intervals.uploadCheckSeconds,
      onError: (error) => {
        log.error('uploads that are missing were not looked for', { error });
      },
    });
  }

  changed(): void {
    this.#keeper.changed();
  }

  /** Ends what runs; resolves when it has ended. */
  async stop(): Promise<void> {
    this.#jobs.abort();
    await this.#keeper.stop();
    await this.#jobs.ended();
  }

  /** Answers when to look again, in seconds since 1970. */
  async #look(): Promise<number | undefined> {
    const { context, config, folder, workers } = this.#options;
    if (!context.images.tree.isCurrent) return undefined;
    const local = new Map((await folder.builds()).map((one) => [one.build, one.formats]));
    const filesOf: FilesOf = (build) => local.get(build) ?? [];
    this.#failures.keepOnly((name) => local.has(buildOf(name)));
    let nextAt: number | undefined;
    const missing: (MissingUpload & { readonly image: DiskimageConfig })[] = [];
    const wanting = new Set<string>();
    for (const image of config().diskimages.values()) {
      const decision = this.#decide(image, filesOf);
      if (decision.nextAt !== undefined) nextAt = Math.min(nextAt ?? Infinity, decision.nextAt);
      for (const { provider } of this.#options.providers.wishesFor(image.name))
        wanting.add(provider);
      for (const one of decision.missing)
        if (!this.#jobs.has(nameOf(one.build, one.provider))) missing.push({ ...one, image });
    }
    const running = this.#jobs.names.map(providerOf);
    const places = { missing, running, workers: workers(), providers: wanting.size };
    for (const { image, ...one } of uploadsToBegin(places))
      this.#jobs.start(nameOf(one.build, one.provider), this.#upload(image, one));
    return nextAt;
  }

  #decide(image: DiskimageConfig, filesOf: FilesOf): UploadDecision {
    const { context, providers } = this.#options;
    return decideUploads({
      builds: viewsOf(context.images, image.name),
      wishes: providers.wishesFor(image.name),
      filesOf,
      failuresOf: (build, provider) => this.#failures.of(nameOf(build, provider)),
      now: context.clock.now() / 1000,
    });
  }

  /** Never rejects. */
  async #upload(image: DiskimageConfig, missing: MissingUpload): Promise<void> {
    const { context, providers, upload } = this.#options;
    const { build, format } = missing;
    const name = nameOf(build, missing.provider);
    const provider = providers.running(missing.provider);
    if (provider === undefined) return;
    const { signal } = this.#jobs;
    const isMissing = (): boolean =>
      this.#decide(image, () => [format]).missing.some(
        (one) => nameOf(one.build, one.provider) === name,
      );
    const key = { image: image.name, build };
    try {
      const { config, store } = provider;
      const result = await upload({ key, image, provider: config, store, isMissing }, signal);
      if (result.kind === 'failed') this.#failures.failed(name, result.error);
      else this.#failures.forget(name);
    } catch (error) {
      if (signal.aborted) return;
      this.#failures.failed(name, error);
      context.log.error('image not uploaded', { ...key, provider: missing.provider, error });
    }
  }
}

function nameOf(build: string, provider: string): string {
  return `${build}/${provider}`;
}

function buildOf(name: string): string {
  return name.slice(0, name.indexOf('/'));
}

function providerOf(name: string): string {
  return name.slice(name.indexOf('/') + 1);
}
