/**
 * The images that labels boot from: by id, as the configuration has it, or the newest of a family.
 *
 * Of a family, what was found is kept for a short time: launches that come one after another share a
 * look, and a new image is taken soon. An id is not looked for: Google says at the launch whether it is
 * there.
 */
import type { GceCloudImageOptions, GceOptions } from '../../../schemas/config/drivers/gce.ts';
import type { PoolLabel, ProviderConfig, ProviderImage } from '../../../schemas/config/model.ts';
import type { Clock } from '../../base/clock.ts';
import { CloudError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { ImageLooks } from '../../cloud/image-looks.ts';
import { Kept } from '../../cloud/kept.ts';
import type { LaunchSpec } from '../driver.ts';
import type { GceImage, Images } from './client/images.ts';

export interface LabelImagesOptions {
  readonly config: ProviderConfig;
  readonly images: Pick<Images, 'newestOf'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Until an image that was not found is looked for again. */
  readonly checkSeconds: number;
}

/** For which the newest of a family is kept. */
const KEPT_SECONDS = 60;

interface Family {
  readonly project: string;
  readonly family: string;
}

export class LabelImages {
  readonly #options: LabelImagesOptions;
  readonly #looks: ImageLooks;
  /** By project and family. */
  readonly #newest = new Map<string, Kept<GceImage | undefined>>();

  constructor(options: LabelImagesOptions) {
    this.#options = options;
    this.#looks = new ImageLooks({
      ...options,
      isSought: (image) => idOf(image) === undefined,
      isThere: async (image, signal) => (await this.#find(image, signal)) !== undefined,
      describe: (image) => Promise.resolve({ family: this.#familyOf(image) }),
    });
  }

  /** Looks for all families that labels refer to. One that is missing is logged. */
  prepare(signal: AbortSignal): Promise<void> {
    return this.#looks.prepare(signal);
  }

  /** Whether the label's cloud image is there, as far as known; looks again if it was not. */
  isReady(label: PoolLabel): boolean {
    return this.#looks.isReady(label);
  }

  /** As Google knows the image. @throws CloudError NP_CLOUD_FATAL where there is none. */
  async imageFor({ label }: LaunchSpec, signal: AbortSignal): Promise<string> {
    const image = this.#looks.imageOf(label);
    if (image === undefined)
      throw new CloudError('NP_CLOUD_FATAL', `label ${label.name} has no image`);
    const id = idOf(image);
    if (id !== undefined) return id;
    const found = await this.#find(image, signal);
    this.#looks.note(image, found !== undefined);
    if (found !== undefined) return found.selfLink;
    const family = this.#familyOf(image);
    const what =
      family === undefined
        ? `cloud image ${image.name} has neither image-id nor image-family`
        : `project ${family.project} has no image of family ${family.family}`;
    throw new CloudError('NP_CLOUD_FATAL', `label ${label.name}: ${what}`, {
      hint: `see cloud-images at ${this.#options.config.place}`,
    });
  }

  /** Google refuses what it was asked for: what is known of images may be outdated. */
  drop(): void {
    for (const kept of this.#newest.values()) kept.drop();
  }

  close(): void {
    this.#looks.close();
  }

  async #find(image: ProviderImage, signal: AbortSignal): Promise<GceImage | undefined> {
    const family = this.#familyOf(image);
    if (family === undefined) return undefined;
    const { images, clock, checkSeconds } = this.#options;
    const key = `${family.project}/${family.family}`;
    let kept = this.#newest.get(key);
    if (kept === undefined) {
      const forSeconds = Math.min(KEPT_SECONDS, checkSeconds);
      kept = new Kept((inner) => images.newestOf(family.project, family.family, inner), {
        ...{ clock, forSeconds },
      });
      this.#newest.set(key, kept);
    }
    return kept.get(signal);
  }

  /** Without a project it is one of ours. */
  #familyOf({ options }: ProviderImage): Family | undefined {
    const { imageFamily: family, imageProject } = options as GceCloudImageOptions;
    const { project } = this.#options.config.options as GceOptions;
    if (family === undefined || family === '') return undefined;
    return { project: imageProject ?? project ?? '', family };
  }
}

/** Undefined: it is one of a family. */
function idOf({ options }: ProviderImage): string | undefined {
  const { imageId } = options as GceCloudImageOptions;
  return imageId === '' ? undefined : imageId;
}
