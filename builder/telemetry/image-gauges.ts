/**
 * The gauges of all images, told once in each round of cleaning. Pure.
 *
 * Names, numbers and what counts are those of nodepool/builder.py: a request that is being built is
 * not pending, of several states the highest number is told, and an image that ZooKeeper does not know
 * yet is left out.
 */
import { uploadKey } from './upload-metrics.ts';

/** The original's numbers. */
const STATE = { idle: 0, building: 1, uploading: 2, paused: 3 } as const;

export interface ImageActivity {
  readonly image: string;
  /** By the configuration or by an operator. */
  readonly isPaused: boolean;
  /** An operator asks for a build. */
  readonly isRequested: boolean;
  /** By any builder. */
  readonly isBeingBuilt: boolean;
  readonly isBuiltHere: boolean;
  /** Those of the configuration that take the image. */
  readonly providers: readonly {
    readonly provider: string;
    readonly isPaused: boolean;
    readonly isUploadedHere: boolean;
  }[];
}

export type Gauge = readonly [key: string, value: number];

export function imageGauges(host: string, images: readonly ImageActivity[]): Gauge[] {
  const pending = images.filter(isPending).length;
  return [
    ...images.flatMap((one) => gaugesOf(host, one)),
    ['nodepool.image_build_requests', pending],
  ];
}

function gaugesOf(host: string, activity: ImageActivity): Gauge[] {
  const { image, isPaused, isBuiltHere, providers } = activity;
  const build = isBuiltHere ? STATE.building : STATE.idle;
  return [
    [`nodepool.builder.${host}.image.${image}.build.state`, isPaused ? STATE.paused : build],
    ...providers.map((one): Gauge => {
      const upload = one.isUploadedHere ? STATE.uploading : STATE.idle;
      const key = uploadKey(host, { image, provider: one.provider });
      return [`${key}.state`, one.isPaused ? STATE.paused : upload];
    }),
    [`nodepool.image.${image}.image_build_requests`, isPending(activity) ? 1 : 0],
  ];
}

function isPending({ isRequested, isBeingBuilt }: ImageActivity): boolean {
  return isRequested && !isBeingBuilt;
}
