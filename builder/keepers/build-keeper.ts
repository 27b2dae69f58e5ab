/**
 * Builds what is due, so many at a time, in the order of the configuration; images that operators ask
 * for come after those that are due by age, as in the original.
 */
import type { Config, DiskimageConfig } from '../../schemas/config/model.ts';
import type { BuildJob, BuildResult } from '../build/build-image.ts';
import type { BuilderContext } from '../context.ts';
import type { ImageProviders } from '../image-providers.ts';
import { decideBuild, type BuildDecision } from '../../shared/rules/images/due-build.ts';
import type { ImageWish } from '../../shared/rules/images/view.ts';
import { viewsOf } from '../plan/views-of.ts';
import { FailureCounts } from './failures.ts';
import { Jobs } from './jobs.ts';
import { Keeper } from '../keeper.ts';

export interface BuildKeeperOptions {
  readonly context: BuilderContext;
  readonly config: () => Config;
  readonly providers: ImageProviders;
  readonly build: (job: BuildJob, signal: AbortSignal) => Promise<BuildResult>;
  /** The build of the image that has become outdated; see `DueInput`. */
  readonly outdated: (image: string) => string | undefined;
  /** Builds at once. */
  readonly workers: number;
  /** A build has ended, well or not: the next may be due. */
  readonly onBuilt: () => void;
}

interface Due {
  readonly image: DiskimageConfig;
  readonly isRequested: boolean;
}

export class BuildKeeper {
  readonly #options: BuildKeeperOptions;
  readonly #keeper: Keeper;
  readonly #failures: FailureCounts;
  /** By image: the last request for which it could not be built here. */
  readonly #failedRequests = new Map<string, string>();
  readonly #jobs: Jobs;

  constructor(options: BuildKeeperOptions) {
    this.#options = options;
    const { clock, log } = options.context;
    this.#failures = new FailureCounts(clock);
    this.#jobs = new Jobs(options.onBuilt);
    this.#keeper = new Keeper({
      clock,
      look: () => Promise.resolve(this.#look()),
      netSeconds: () => options.config().extensions.intervals.buildCheckSeconds,
      onError: (error) => {
        log.error('images that are due were not looked for', { error });
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
  #look(): number | undefined {
    const { context, providers, config, workers } = this.#options;
    // A provider that has yet to say its format would have everything built twice.
    if (!context.images.tree.isCurrent || providers.isStarting) return undefined;
    const images = [...config().diskimages.values()];
    this.#failures.keepOnly((name) => config().diskimages.has(name));
    let nextAt: number | undefined;
    const due: Due[] = [];
    for (const image of images) {
      if (this.#jobs.has(image.name)) continue;
      const decision = this.#decide(image);
      if (decision.kind === 'due') {
        due.push({ image, isRequested: decision.reason === 'requested' });
      } else if (decision.until !== undefined) {
        nextAt = Math.min(nextAt ?? Infinity, decision.until);
      }
    }
    const inOrder = [
      ...due.filter((one) => !one.isRequested),
      ...due.filter((one) => one.isRequested),
    ];
    const free = Math.max(0, workers - this.#jobs.size);
    for (const { image } of inOrder.slice(0, free))
      this.#jobs.start(image.name, this.#build(image));
    return nextAt;
  }

  #decide(image: DiskimageConfig): BuildDecision {
    const { context, outdated } = this.#options;
    const { images, clock } = context;
    return decideBuild({
      wish: this.#wishFor(image),
      builds: viewsOf(images, image.name),
      failures: this.#failures.of(image.name),
      outdated: outdated(image.name),
      now: clock.now() / 1000,
    });
  }

  #wishFor(image: DiskimageConfig): ImageWish {
    const { context, providers } = this.#options;
    return {
      name: image.name,
      isPaused: image.isPaused || context.images.isPaused(image.name),
      isRequested: context.images.isRequested(image.name),
      isRequestNew: context.images.requestId(image.name) !== this.#failedRequests.get(image.name),
      formats: providers.formatsOf(image),
      rebuildAgeSeconds: image.rebuildAgeSeconds,
    };
  }

  /** Never rejects. */
  async #build(image: DiskimageConfig): Promise<void> {
    const { context, build, config, providers } = this.#options;
    const { signal } = this.#jobs;
    const request = context.images.requestId(image.name);
    const failed = (error: unknown): void => {
      this.#failures.failed(image.name, error);
      if (request !== undefined) this.#failedRequests.set(image.name, request);
    };
    const job: BuildJob = {
      image,
      formats: providers.formatsOf(image),
      elementsDir: config().elementsDir,
      isDue: () => this.#decide(image).kind === 'due',
    };
    try {
      const result = await build(job, signal);
      if (result.kind === 'failed') failed(result.error);
      if (result.kind === 'ready') this.#failures.forget(image.name);
    } catch (error) {
      if (signal.aborted) return;
      failed(error);
      context.log.error('image not built', { image: image.name, error });
    }
  }
}
