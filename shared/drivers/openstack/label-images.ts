/** The image that a label boots from: an upload of ours, or one of the cloud by id or name. */
import type {
  OpenStackCloudImageOptions,
  OpenStackDiskimageOptions,
} from '../../../schemas/config/drivers/openstack.ts';
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

export interface ChosenImage {
  readonly imageId: string;
  readonly imageName: string;
  readonly configDrive: boolean | undefined;
}

export class LabelImages {
  readonly #options: LabelImagesOptions;
  readonly #looks: ImageLooks;

  constructor(options: LabelImagesOptions) {
    this.#options = options;
    const { facts } = options;
    this.#looks = new ImageLooks({
      ...options,
      isSought: (image) => nameOf(image) !== undefined,
      isThere: async (image, signal) =>
        (await facts.imageId(nameOf(image) ?? '', signal)) !== undefined,
      describe: async (image, signal) => ({
        image: nameOf(image),
        existing: await facts.imageNames(signal),
      }),
    });
  }

  /** Looks for all images that labels refer to by name. One that is missing is logged. */
  prepare(signal: AbortSignal): Promise<void> {
    return this.#looks.prepare(signal);
  }

  /** Whether the label's cloud image is there, as far as known; looks again if it was not. */
  isReady(label: PoolLabel): boolean {
    return this.#looks.isReady(label);
  }

  async imageFor(spec: LaunchSpec, signal: AbortSignal): Promise<ChosenImage> {
    const { label, imageExternalId } = spec;
    const { config, facts } = this.#options;
    if (label.diskimage !== undefined) {
      if (imageExternalId === undefined)
        throw new CloudError(
          'NP_CLOUD_FATAL',
          `label ${label.name}: ${label.diskimage} has no upload`,
        );
      const options = config.diskimages.get(label.diskimage)?.options as
        OpenStackDiskimageOptions | undefined;
      const configDrive = options?.configDrive;
      return { imageId: imageExternalId, imageName: label.diskimage, configDrive };
    }
    const image = this.#looks.imageOf(label);
    if (image === undefined) throw await this.#missing(label, '', signal);
    const { imageId: given, configDrive } = image.options as OpenStackCloudImageOptions;
    const name = nameOf(image);
    const imageId = name === undefined ? given : await facts.imageId(name, signal);
    this.#looks.note(image, imageId !== undefined);
    if (imageId === undefined) throw await this.#missing(label, name ?? '', signal);
    return { imageId, imageName: image.name, configDrive };
  }

  close(): void {
    this.#looks.close();
  }

  async #missing(label: PoolLabel, name: string, signal: AbortSignal): Promise<CloudError> {
    const text = `label ${label.name}: there is no active image ${name}`;
    const hint = `the cloud has: ${await this.#options.facts.imageNames(signal)}`;
    return new CloudError('NP_CLOUD_FATAL', text, { hint });
  }
}

/** What the image is called in the cloud; undefined: it is given by id. */
function nameOf({ name, options }: ProviderImage): string | undefined {
  const { imageId, imageName } = options as OpenStackCloudImageOptions;
  return imageId === undefined ? (imageName ?? name) : undefined;
}
