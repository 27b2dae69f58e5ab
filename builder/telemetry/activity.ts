/** What the gauges of images look at, from the caches and the configuration. */
import type { Config } from '../../schemas/config/model.ts';
import type { ImageStore } from '../../shared/store/images.ts';
import type { BuildKey } from '../../shared/store/paths.ts';
import { viewsOf } from '../plan/views-of.ts';
import type { RunningUpload } from '../upload/upload-image.ts';
import type { ImageActivity } from './image-gauges.ts';

export interface ActivityInput {
  readonly config: Config;
  readonly images: ImageStore;
  /** Those of this builder. */
  readonly builds: readonly BuildKey[];
  readonly uploads: readonly RunningUpload[];
}

/** Of each image that ZooKeeper knows. */
export function activities(input: ActivityInput): ImageActivity[] {
  return input.images.names().map((image) => activityOf(image, input));
}

function activityOf(image: string, input: ActivityInput): ImageActivity {
  const { config, images, builds, uploads } = input;
  const wanted = config.diskimages.get(image);
  return {
    image,
    // As in the original, nobody asks whether an image is paused that is not in the configuration.
    isPaused: wanted !== undefined && (wanted.isPaused || images.isPaused(image)),
    isRequested: images.isRequested(image),
    isBeingBuilt: viewsOf(images, image).some(({ record }) => record.state === 'building'),
    isBuiltHere: builds.some((one) => one.image === image),
    providers: [...config.providers.values()].flatMap(({ name, diskimages }) => {
      const own = diskimages.get(image);
      const isUploadedHere = uploads.some((one) => one.image === image && one.provider === name);
      return own ? [{ provider: name, isPaused: own.isPaused, isUploadedHere }] : [];
    }),
  };
}
