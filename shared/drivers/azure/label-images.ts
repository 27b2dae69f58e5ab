/** The image that a label boots from: an upload of ours, or one of Azure's, in one of five ways. */
import type { Image, ImageReference } from '@azure/arm-compute';

import type { AzureCloudImageOptions } from '../../../schemas/config/drivers/azure.ts';
import type { PoolLabel, ProviderConfig, ProviderImage } from '../../../schemas/config/model.ts';
import type { Clock } from '../../base/clock.ts';
import { CloudError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { ImageLooks } from '../../cloud/image-looks.ts';
import { Kept } from '../../cloud/kept.ts';
import { listed } from '../../cloud/listed.ts';
import type { LaunchSpec } from '../driver.ts';
import { chooseImage, filterText, usableNames, type ImageFilter } from './image-filter.ts';

/** What asks Azure for images of the resource group. */
export interface ImageSource {
  list(signal: AbortSignal): Promise<readonly Image[]>;
  get(name: string, signal: AbortSignal): Promise<Image | undefined>;
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
/** Uploads whose ids are remembered; the oldest are forgotten. */
const MOST_UPLOADS = 1000;

export class LabelImages {
  readonly #options: LabelImagesOptions;
  readonly #listed: Kept<readonly Image[]>;
  readonly #looks: ImageLooks;
  /** Ids by the name of the upload. */
  readonly #uploads = new Map<string, string>();

  constructor(options: LabelImagesOptions) {
    this.#options = options;
    const { images, clock, checkSeconds } = options;
    this.#listed = new Kept((signal) => images.list(signal), {
      clock,
      forSeconds: Math.min(LISTED_SECONDS, checkSeconds),
    });
    this.#looks = new ImageLooks({
      ...options,
      isSought: (image) => filterOf(image) !== undefined,
      isThere: async (image, signal) =>
        (await this.#filtered(filterOf(image) ?? {}, signal)) !== undefined,
      describe: async (image, signal) => ({
        filter: filterText(filterOf(image) ?? {}),
        existing: await this.#existing(signal),
      }),
    });
  }

  /** Looks for all images that labels refer to by a filter. One that is missing is logged. */
  prepare(signal: AbortSignal): Promise<void> {
    return this.#looks.prepare(signal);
  }

  /** Whether the label's cloud image is there, as far as known; looks again if it was not. */
  isReady(label: PoolLabel): boolean {
    return this.#looks.isReady(label);
  }

  /** @throws CloudError NP_CLOUD_FATAL where there is none; it names what there is. */
  async imageFor(spec: LaunchSpec, signal: AbortSignal): Promise<ImageReference> {
    const { label, imageExternalId } = spec;
    if (label.diskimage !== undefined) return this.#upload(label, imageExternalId, signal);
    const image = this.#looks.imageOf(label);
    if (image === undefined)
      throw new CloudError('NP_CLOUD_FATAL', `label ${label.name} has no image`);
    const options = image.options as AzureCloudImageOptions;
    const { imageFilter } = options;
    if (imageFilter === undefined) return configuredReference(options);
    const found = await this.#filtered(imageFilter, signal);
    this.#looks.note(image, found !== undefined);
    if (found?.id !== undefined) return { id: found.id };
    const text = `label ${label.name}: there is no image with ${filterText(imageFilter)}`;
    throw new CloudError('NP_CLOUD_FATAL', text, { hint: await this.#existing(signal) });
  }

  /** Azure refuses what it was asked for: what is known of images may be outdated. */
  drop(): void {
    this.#listed.drop();
    this.#uploads.clear();
  }

  close(): void {
    this.#looks.close();
  }

  async #upload(
    label: PoolLabel,
    name: string | undefined,
    signal: AbortSignal,
  ): Promise<ImageReference> {
    const text = `label ${label.name}: ${label.diskimage ?? ''}`;
    if (name === undefined) throw new CloudError('NP_CLOUD_FATAL', `${text} has no upload`);
    const known = this.#uploads.get(name);
    if (known !== undefined) return { id: known };
    const id = (await this.#options.images.get(name, signal))?.id;
    if (id === undefined)
      throw new CloudError('NP_CLOUD_FATAL', `${text}: there is no image ${name} any more`);
    for (const oldest of this.#uploads.keys()) {
      if (this.#uploads.size < MOST_UPLOADS) break;
      this.#uploads.delete(oldest);
    }
    this.#uploads.set(name, id);
    return { id };
  }

  async #filtered(filter: ImageFilter, signal: AbortSignal): Promise<Image | undefined> {
    return chooseImage(await this.#listed.get(signal), filter);
  }

  async #existing(signal: AbortSignal): Promise<string> {
    return `the resource group has: ${listed(usableNames(await this.#listed.get(signal)))}`;
  }
}

function filterOf({ options }: ProviderImage): ImageFilter | undefined {
  return (options as AzureCloudImageOptions).imageFilter;
}

/** An image that the configuration names; Azure says at the launch whether it is there. Pure. */
export function configuredReference(options: AzureCloudImageOptions): ImageReference {
  const { imageReference, imageId, communityGalleryImage, sharedGalleryImage } = options;
  if (imageReference !== undefined) return { ...imageReference } as ImageReference;
  if (communityGalleryImage !== undefined)
    return { communityGalleryImageId: `/CommunityGalleries/${galleryPath(communityGalleryImage)}` };
  if (sharedGalleryImage !== undefined)
    return { sharedGalleryImageId: `/SharedGalleries/${galleryPath(sharedGalleryImage)}` };
  return { id: imageId ?? '' };
}

/** Without a version it is the newest. */
function galleryPath(image: NonNullable<AzureCloudImageOptions['sharedGalleryImage']>): string {
  const { 'gallery-name': gallery, name, version } = image;
  const path = `${gallery}/Images/${name}`;
  return version === undefined ? path : `${path}/Versions/${version}`;
}
