/** The image that a label boots from: an upload of ours, or one of the cloud by id or filters. */
import type { Image } from '@aws-sdk/client-ec2';

import type { AwsCloudImageOptions, AwsOptions } from '../../../schemas/config/drivers/aws.ts';
import type { PoolLabel, ProviderConfig, ProviderImage } from '../../../schemas/config/model.ts';
import type { Clock } from '../../base/clock.ts';
import { CloudError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { LaunchSpec } from '../driver.ts';
import type { CloudFacts } from './facts.ts';

export interface LabelImagesOptions {
  readonly config: ProviderConfig;
  readonly facts: CloudFacts;
  readonly clock: Clock;
  readonly log: Logger;
  /** Until an image that was not found is looked for again. */
  readonly checkSeconds: number;
}

/** How a look for an image ended. */
interface Look {
  readonly isThere: boolean;
  /** Monotonic milliseconds. */
  readonly atMs: number;
}

export class LabelImages {
  readonly #options: LabelImagesOptions;
  /** The last look for each of the provider's cloud images, by its name. */
  readonly #looks = new Map<string, Look>();
  readonly #closing = new AbortController();

  constructor(options: LabelImagesOptions) {
    this.#options = options;
  }

  /** Looks for all cloud images of labels. One that is missing is logged. */
  async prepare(signal: AbortSignal): Promise<void> {
    const { config } = this.#options;
    const places = new Map<ProviderImage, string>();
    for (const label of config.pools.flatMap((pool) => [...pool.labels.values()])) {
      const image = this.#cloudImageOf(label);
      if (image !== undefined && !places.has(image)) places.set(image, label.place ?? config.place);
    }
    for (const [image, place] of places) await this.#look(image, place, signal);
  }

  /** Whether the label's cloud image is there, as far as known; looks again if it was not. */
  isReady(label: PoolLabel): boolean {
    const { config, clock, checkSeconds } = this.#options;
    const image = this.#cloudImageOf(label);
    if (image === undefined) return false;
    const { isThere, atMs } = this.#looks.get(image.name) ?? { isThere: false, atMs: -Infinity };
    if (isThere) return true;
    if (clock.monotonic() - atMs >= checkSeconds * 1000)
      this.#lookInBackground(image, label.place ?? config.place);
    return false;
  }

  /** @throws CloudError NP_CLOUD_FATAL where there is none. */
  async imageFor({ label, imageExternalId }: LaunchSpec, signal: AbortSignal): Promise<Image> {
    const place = `label ${label.name}`;
    if (label.diskimage !== undefined) {
      if (imageExternalId === undefined)
        throw new CloudError('NP_CLOUD_FATAL', `${place}: ${label.diskimage} has no upload`);
      const upload = await this.#options.facts.image(imageExternalId, signal);
      if (upload !== undefined) return upload;
      const text = `${place}: the upload ${imageExternalId} of ${label.diskimage} is no AMI any more`;
      throw new CloudError('NP_CLOUD_FATAL', text, { hint: this.#where() });
    }
    const image = this.#cloudImageOf(label);
    if (image === undefined) throw new CloudError('NP_CLOUD_FATAL', `${place}: it has no image`);
    const found = await this.#find(image, signal);
    if (found !== undefined) return found;
    const text = `${place}: there is no AMI for cloud image ${image.name} (${wishOf(image)})`;
    throw new CloudError('NP_CLOUD_FATAL', text, { hint: this.#where() });
  }

  close(): void {
    this.#closing.abort();
  }

  #cloudImageOf({ cloudImage = '' }: PoolLabel): ProviderImage | undefined {
    return this.#options.config.cloudImages.get(cloudImage);
  }

  /** Remembers whether it was there. */
  async #find(image: ProviderImage, signal: AbortSignal): Promise<Image | undefined> {
    const { facts, clock } = this.#options;
    const { imageId, imageFilters } = image.options as AwsCloudImageOptions;
    const found =
      imageFilters === undefined
        ? await facts.image(imageId ?? '', signal)
        : await facts.newest(imageFilters, signal);
    this.#looks.set(image.name, { isThere: found !== undefined, atMs: clock.monotonic() });
    return found;
  }

  /** `place`: of a label that wants it. */
  async #look(image: ProviderImage, place: string, signal: AbortSignal): Promise<void> {
    const { log, config } = this.#options;
    if ((await this.#find(image, signal)) !== undefined) return;
    log.warn('cloud image not found: its labels are not offered', {
      provider: config.name,
      image: image.name,
      wanted: wishOf(image),
      place,
      hint: this.#where(),
    });
  }

  #lookInBackground(image: ProviderImage, place: string): void {
    const { clock, log } = this.#options;
    const { signal } = this.#closing;
    // One look at a time, and the next after a while, however it ends.
    this.#looks.set(image.name, { isThere: false, atMs: clock.monotonic() });
    this.#look(image, place, signal).catch((error: unknown) => {
      if (!signal.aborted) log.warn('cloud image not looked for', { image: image.name, error });
    });
  }

  /** AMIs are of one region, and shared with accounts one by one. */
  #where(): string {
    const { regionName = 'the region' } = this.#options.config.options as AwsOptions;
    return `see whether it exists in ${regionName} and is shared with this account`;
  }
}

/** What the configuration says of it. */
function wishOf({ options }: ProviderImage): string {
  const { imageId, imageFilters = [] } = options as AwsCloudImageOptions;
  if (imageId !== undefined) return imageId;
  return imageFilters.map(({ name, values }) => `${name}: ${values.join(' or ')}`).join(', ');
}
