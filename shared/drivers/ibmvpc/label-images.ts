/** The image that a label boots from: an upload of ours, or one of the region's, in one of four ways. */
import type { IbmVpcCloudImageOptions } from '../../../schemas/config/drivers/ibmvpc.ts';
import type { PoolLabel, ProviderConfig, ProviderImage } from '../../../schemas/config/model.ts';
import type { Clock } from '../../base/clock.ts';
import { CloudError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { ImageLooks } from '../../cloud/image-looks.ts';
import { Kept } from '../../cloud/kept.ts';
import { listed } from '../../cloud/listed.ts';
import type { LaunchSpec } from '../driver.ts';
import type { VpcImage } from './client/model.ts';
import { chooseImage, usableNames, wishText, type ImageWish } from './image-filter.ts';
import type { ImageReference } from './machine-request.ts';

/** What asks IBM for images. */
export interface ImageSource {
  list(signal: AbortSignal): Promise<readonly VpcImage[]>;
}

export interface LabelImagesOptions {
  readonly config: ProviderConfig;
  readonly images: ImageSource;
  readonly clock: Clock;
  readonly log: Logger;
  /** Until an image that was not found is looked for again. */
  readonly checkSeconds: number;
}

/** Launches that come one after another share a listing; a new image is taken soon. */
const LISTED_SECONDS = 60;

export class LabelImages {
  readonly #listed: Kept<readonly VpcImage[]>;
  readonly #looks: ImageLooks;

  constructor(options: LabelImagesOptions) {
    const { images, clock, checkSeconds } = options;
    this.#listed = new Kept((signal) => images.list(signal), {
      clock,
      forSeconds: Math.min(LISTED_SECONDS, checkSeconds),
    });
    this.#looks = new ImageLooks({
      ...options,
      isSought: (image) => wishOf(image) !== undefined,
      isThere: async (image, signal) => (await this.#found(image, signal)) !== undefined,
      describe: async (image, signal) => ({
        wish: wishText(wishOf(image) ?? { filter: {} }),
        existing: await this.#existing(signal),
      }),
    });
  }

  /** Looks for all images that labels refer to by name or filter. One that is missing is logged. */
  prepare(signal: AbortSignal): Promise<void> {
    return this.#looks.prepare(signal);
  }

  /** Whether the label's cloud image is there, as far as known; looks again if it was not. */
  isReady(label: PoolLabel): boolean {
    return this.#looks.isReady(label);
  }

  /** Names of the keys that go with the label's image, and that image's name. */
  keysOf(label: PoolLabel): { readonly image: string; readonly keys: readonly string[] } {
    const image = this.#looks.imageOf(label);
    const { keys = [] } = (image?.options ?? {}) as Partial<IbmVpcCloudImageOptions>;
    return { image: image?.name ?? '', keys };
  }

  /** @throws CloudError NP_CLOUD_FATAL where there is none; it names what there is. */
  async imageFor(
    { label, imageExternalId }: Pick<LaunchSpec, 'label' | 'imageExternalId'>,
    signal: AbortSignal,
  ): Promise<ImageReference> {
    if (label.diskimage !== undefined) {
      if (imageExternalId !== undefined) return { id: imageExternalId };
      const text = `label ${label.name}: ${label.diskimage} has no upload`;
      throw new CloudError('NP_CLOUD_FATAL', text);
    }
    const image = this.#looks.imageOf(label);
    if (image === undefined)
      throw new CloudError('NP_CLOUD_FATAL', `label ${label.name} has no image`);
    const wish = wishOf(image);
    if (wish === undefined) return configuredReference(image);
    const found = await this.#found(image, signal);
    this.#looks.note(image, found !== undefined);
    if (found !== undefined) return { id: found.id };
    const text = `label ${label.name}: there is no image with ${wishText(wish)}`;
    throw new CloudError('NP_CLOUD_FATAL', text, { hint: await this.#existing(signal) });
  }

  /** IBM refuses what it was asked for: what is known of images may be outdated. */
  drop(): void {
    this.#listed.drop();
  }

  close(): void {
    this.#looks.close();
  }

  async #found(image: ProviderImage, signal: AbortSignal): Promise<VpcImage | undefined> {
    const wish = wishOf(image);
    return wish && chooseImage(await this.#listed.get(signal), wish);
  }

  async #existing(signal: AbortSignal): Promise<string> {
    return `the region has: ${listed(usableNames(await this.#listed.get(signal)))}`;
  }
}

/** Undefined: the configuration names the very image; IBM says at the launch whether it is there. */
function wishOf({ options }: ProviderImage): ImageWish | undefined {
  const { imageName, imageFilter } = options as IbmVpcCloudImageOptions;
  if (imageName !== undefined) return { name: imageName };
  return imageFilter === undefined ? undefined : { filter: imageFilter };
}

function configuredReference({ options }: ProviderImage): ImageReference {
  const { imageId, imageHref = '' } = options as IbmVpcCloudImageOptions;
  return imageId === undefined ? { href: imageHref } : { id: imageId };
}
