/** The image that a label boots from: an upload of ours, or one of the cloud by id or filters. */
import type { Image } from '@aws-sdk/client-ec2';

import type { AwsCloudImageOptions, AwsOptions } from '../../../schemas/config/drivers/aws.ts';
import type { PoolLabel, ProviderConfig, ProviderImage } from '../../../schemas/config/model.ts';
import type { Clock } from '../../base/clock.ts';
import { CloudError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { ImageLooks } from '../../cloud/image-looks.ts';
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

export class LabelImages {
  readonly #options: LabelImagesOptions;
  readonly #looks: ImageLooks;

  constructor(options: LabelImagesOptions) {
    this.#options = options;
    this.#looks = new ImageLooks({
      ...options,
      isSought: () => true,
      isThere: async (image, signal) => (await this.#find(image, signal)) !== undefined,
      describe: (image) => Promise.resolve({ wanted: wishOf(image), hint: this.#where() }),
    });
  }

  /** Looks for all cloud images of labels. One that is missing is logged. */
  prepare(signal: AbortSignal): Promise<void> {
    return this.#looks.prepare(signal);
  }

  /** Whether the label's cloud image is there, as far as known; looks again if it was not. */
  isReady(label: PoolLabel): boolean {
    return this.#looks.isReady(label);
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
    const image = this.#looks.imageOf(label);
    if (image === undefined) throw new CloudError('NP_CLOUD_FATAL', `${place}: it has no image`);
    const found = await this.#find(image, signal);
    this.#looks.note(image, found !== undefined);
    if (found !== undefined) return found;
    const text = `${place}: there is no AMI for cloud image ${image.name} (${wishOf(image)})`;
    throw new CloudError('NP_CLOUD_FATAL', text, { hint: this.#where() });
  }

  close(): void {
    this.#looks.close();
  }

  #find({ options }: ProviderImage, signal: AbortSignal): Promise<Image | undefined> {
    const { facts } = this.#options;
    const { imageId = '', imageFilters } = options as AwsCloudImageOptions;
    return imageFilters === undefined
      ? facts.image(imageId, signal)
      : facts.newest(imageFilters, signal);
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
