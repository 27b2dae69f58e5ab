/** The image that a label boots from: an upload of ours, or one of the cloud by id or name. */
import type {
  OpenStackCloudImageOptions,
  OpenStackDiskimageOptions,
} from '../../../schemas/config/drivers/openstack.ts';
import type { PoolLabel, ProviderConfig } from '../../../schemas/config/model.ts';
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

export interface ChosenImage {
  readonly imageId: string;
  readonly imageName: string;
  readonly configDrive: boolean | undefined;
}

export class LabelImages {
  readonly #options: LabelImagesOptions;
  /** When an image was looked for last, by its name in the cloud; monotonic milliseconds. */
  readonly #lookedAt = new Map<string, number>();
  readonly #closing = new AbortController();

  constructor(options: LabelImagesOptions) {
    this.#options = options;
  }

  /** Looks for all images that labels refer to by name. One that is missing is logged. */
  async prepare(signal: AbortSignal): Promise<void> {
    const { config } = this.#options;
    const labels = config.pools.flatMap((pool) => [...pool.labels.values()]);
    const places = new Map<string, string>();
    for (const label of labels) {
      const name = this.#nameOf(label);
      if (name !== undefined && !places.has(name)) places.set(name, label.place ?? config.place);
    }
    for (const [name, place] of places) await this.#look(name, place, signal);
  }

  /** Whether the label's cloud image is there, as far as known; looks again if it was not. */
  isReady(label: PoolLabel): boolean {
    const { config, facts, clock, checkSeconds } = this.#options;
    if (!config.cloudImages.has(label.cloudImage ?? '')) return false;
    const name = this.#nameOf(label);
    if (name === undefined || facts.knowsImage(name)) return true;
    const ageMs = clock.monotonic() - (this.#lookedAt.get(name) ?? -Infinity);
    if (ageMs >= checkSeconds * 1000) this.#lookInBackground(name, label.place ?? config.place);
    return false;
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
    const image = config.cloudImages.get(label.cloudImage ?? '');
    const options = (image?.options ?? {}) as Partial<OpenStackCloudImageOptions>;
    const name = this.#nameOf(label);
    const imageId = name === undefined ? options.imageId : await facts.imageId(name, signal);
    if (imageId === undefined) throw await this.#missing(label, name ?? '', signal);
    return { imageId, imageName: image?.name ?? '', configDrive: options.configDrive };
  }

  close(): void {
    this.#closing.abort();
  }

  /** What the label's image is called in the cloud; undefined: it is given by id, or is none. */
  #nameOf(label: PoolLabel): string | undefined {
    const image = this.#options.config.cloudImages.get(label.cloudImage ?? '');
    if (image === undefined) return undefined;
    const { imageId, imageName } = image.options as OpenStackCloudImageOptions;
    return imageId === undefined ? (imageName ?? image.name) : undefined;
  }

  /** `place`: of a label that wants it. */
  async #look(name: string, place: string, signal: AbortSignal): Promise<void> {
    const { facts, clock, log, config } = this.#options;
    this.#lookedAt.set(name, clock.monotonic());
    if ((await facts.imageId(name, signal)) !== undefined) return;
    log.warn('cloud image not found: its labels are not offered', {
      provider: config.name,
      image: name,
      place,
      existing: await facts.imageNames(signal),
    });
  }

  #lookInBackground(name: string, place: string): void {
    const { signal } = this.#closing;
    this.#look(name, place, signal).catch((error: unknown) => {
      if (!signal.aborted)
        this.#options.log.warn('cloud image not looked for', { image: name, error });
    });
  }

  async #missing(label: PoolLabel, name: string, signal: AbortSignal): Promise<CloudError> {
    const text = `label ${label.name}: there is no active image ${name}`;
    const hint = `the cloud has: ${await this.#options.facts.imageNames(signal)}`;
    return new CloudError('NP_CLOUD_FATAL', text, { hint });
  }
}
