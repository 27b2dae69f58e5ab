/** The image that a label boots from: an upload of ours, or one of Azure's, in one of five ways. */
import type { Image, ImageReference } from '@azure/arm-compute';

import type { AzureCloudImageOptions } from '../../../schemas/config/drivers/azure.ts';
import type { PoolLabel, ProviderConfig } from '../../../schemas/config/model.ts';
import type { Clock } from '../../base/clock.ts';
import { CloudError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
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
  /** Names of cloud images whose filter found something when it was applied last. */
  readonly #found = new Set<string>();
  /** When a cloud image was looked for last, by its name; monotonic milliseconds. */
  readonly #lookedAt = new Map<string, number>();
  /** Ids by the name of the upload. */
  readonly #uploads = new Map<string, string>();
  readonly #closing = new AbortController();

  constructor(options: LabelImagesOptions) {
    this.#options = options;
    const { images, clock } = options;
    this.#listed = new Kept((signal) => images.list(signal), {
      clock,
      forSeconds: LISTED_SECONDS,
    });
  }

  /** Looks for all images that labels refer to by a filter. One that is missing is logged. */
  async prepare(signal: AbortSignal): Promise<void> {
    const { config } = this.#options;
    const labels = config.pools.flatMap((pool) => [...pool.labels.values()]);
    const places = new Map<string, string>();
    for (const label of labels) {
      const { cloudImage: name } = label;
      if (name === undefined || this.#filterOf(name) === undefined || places.has(name)) continue;
      places.set(name, label.place ?? config.place);
    }
    for (const [name, place] of places) await this.#look(name, place, signal);
  }

  /** Whether the label's cloud image is there, as far as known; looks again if it was not. */
  isReady(label: PoolLabel): boolean {
    const { config, clock, checkSeconds } = this.#options;
    const { cloudImage: name = '' } = label;
    if (!config.cloudImages.has(name)) return false;
    if (this.#filterOf(name) === undefined || this.#found.has(name)) return true;
    const ageMs = clock.monotonic() - (this.#lookedAt.get(name) ?? -Infinity);
    if (ageMs >= checkSeconds * 1000) this.#lookInBackground(name, label.place ?? config.place);
    return false;
  }

  /** @throws CloudError NP_CLOUD_FATAL where there is none; it names what there is. */
  async imageFor(spec: LaunchSpec, signal: AbortSignal): Promise<ImageReference> {
    const { label, imageExternalId } = spec;
    if (label.diskimage !== undefined) return this.#upload(label, imageExternalId, signal);
    const { config } = this.#options;
    const image = config.cloudImages.get(label.cloudImage ?? '');
    if (image === undefined)
      throw new CloudError('NP_CLOUD_FATAL', `label ${label.name} has no image`);
    const options = image.options as AzureCloudImageOptions;
    const { imageFilter } = options;
    if (imageFilter === undefined) return configuredReference(options);
    const found = await this.#filtered(image.name, imageFilter, signal);
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
    this.#closing.abort();
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

  /** Remembers whether there is one. */
  async #filtered(
    name: string,
    filter: ImageFilter,
    signal: AbortSignal,
  ): Promise<Image | undefined> {
    const found = chooseImage(await this.#listed.get(signal), filter);
    if (found === undefined) this.#found.delete(name);
    else this.#found.add(name);
    return found;
  }

  #filterOf(cloudImage: string): ImageFilter | undefined {
    const image = this.#options.config.cloudImages.get(cloudImage);
    return (image?.options as AzureCloudImageOptions | undefined)?.imageFilter;
  }

  /** `place`: of a label that wants it. */
  async #look(name: string, place: string, signal: AbortSignal): Promise<void> {
    const { clock, log, config } = this.#options;
    const filter = this.#filterOf(name);
    this.#lookedAt.set(name, clock.monotonic());
    if (filter === undefined || (await this.#filtered(name, filter, signal)) !== undefined) return;
    log.warn('cloud image not found: its labels are not offered', {
      ...{ provider: config.name, image: name, place },
      existing: await this.#existing(signal),
    });
  }

  #lookInBackground(name: string, place: string): void {
    const { signal } = this.#closing;
    this.#look(name, place, signal).catch((error: unknown) => {
      if (!signal.aborted)
        this.#options.log.warn('cloud image not looked for', { image: name, error });
    });
  }

  async #existing(signal: AbortSignal): Promise<string> {
    return `the resource group has: ${listed(usableNames(await this.#listed.get(signal)))}`;
  }
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
