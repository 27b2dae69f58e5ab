/**
 * Whether the cloud images that labels boot from are there. All are looked for at the start. One that
 * is missing is said; its labels are not offered, and whoever asks for them has it looked for again, once
 * in a while.
 */
import type { PoolLabel, ProviderConfig, ProviderImage } from '../../schemas/config/model.ts';
import type { Clock } from '../base/clock.ts';
import { hasCode } from '../base/errors.ts';
import type { LogFields, Logger } from '../base/log.ts';

export interface ImageLooksOptions {
  readonly config: ProviderConfig;
  readonly clock: Clock;
  readonly log: Logger;
  /** Until an image that was not found is looked for again. */
  readonly checkSeconds: number;
  /** Whether there is anything to look for. Where there is not, the image counts as there. */
  readonly isSought: (image: ProviderImage) => boolean;
  readonly isThere: (image: ProviderImage, signal: AbortSignal) => Promise<boolean>;
  /** What the log is to say of one that is missing: what was wanted, what there is instead. */
  readonly describe: (image: ProviderImage, signal: AbortSignal) => Promise<LogFields>;
}

/** How a look ended. */
interface Look {
  readonly isThere: boolean;
  /** Monotonic milliseconds. */
  readonly atMs: number;
}

export class ImageLooks {
  readonly #options: ImageLooksOptions;
  /** The last look, by Nodepool's name of the image. */
  readonly #looks = new Map<string, Look>();
  readonly #closing = new AbortController();

  constructor(options: ImageLooksOptions) {
    this.#options = options;
  }

  /** Looks for all that labels refer to. What the cloud does not let us see is said, and no error. */
  async prepare(signal: AbortSignal): Promise<void> {
    const { config } = this.#options;
    const places = new Map<ProviderImage, string>();
    for (const label of config.pools.flatMap((pool) => [...pool.labels.values()])) {
      const image = this.imageOf(label);
      if (image === undefined || !this.#options.isSought(image) || places.has(image)) continue;
      places.set(image, label.place ?? config.place);
    }
    for (const [image, place] of places)
      try {
        await this.#look(image, place, signal);
      } catch (error) {
        if (!hasCode(error, 'NP_CLOUD_FATAL')) throw error;
        this.note(image, false);
        this.#sayFailure(image, error);
      }
  }

  /** Whether the label's cloud image is there, as far as known; looks again if it was not. */
  isReady(label: PoolLabel): boolean {
    const { config, clock, checkSeconds, isSought } = this.#options;
    const image = this.imageOf(label);
    if (image === undefined) return false;
    if (!isSought(image)) return true;
    const look = this.#looks.get(image.name);
    if (look?.isThere === true) return true;
    const ageMs = clock.monotonic() - (look?.atMs ?? -Infinity);
    if (ageMs >= checkSeconds * 1000) this.#lookInBackground(image, label.place ?? config.place);
    return false;
  }

  /** What a launch has found out. */
  note(image: ProviderImage, isThere: boolean): void {
    this.#looks.set(image.name, { isThere, atMs: this.#options.clock.monotonic() });
  }

  /** Undefined: the label boots from none that the provider has. */
  imageOf({ cloudImage = '' }: PoolLabel): ProviderImage | undefined {
    return this.#options.config.cloudImages.get(cloudImage);
  }

  /** Ends looks in the background. */
  close(): void {
    this.#closing.abort();
  }

  /** `place`: of a label that wants it. */
  async #look(image: ProviderImage, place: string, signal: AbortSignal): Promise<void> {
    const { log, config, isThere, describe } = this.#options;
    // One look at a time, and the next after a while, however it ends.
    this.note(image, false);
    if (await isThere(image, signal)) {
      this.note(image, true);
      return;
    }
    log.warn('cloud image not found: its labels are not offered', {
      ...{ provider: config.name, image: image.name, place },
      ...(await describe(image, signal)),
    });
  }

  #lookInBackground(image: ProviderImage, place: string): void {
    const { signal } = this.#closing;
    this.#look(image, place, signal).catch((error: unknown) => {
      if (!signal.aborted) this.#sayFailure(image, error);
    });
  }

  #sayFailure({ name: image }: ProviderImage, error: unknown): void {
    const { log, config } = this.#options;
    log.warn('cloud image not looked for', { provider: config.name, image, error });
  }
}
