/**
 * The gauges of all images, told once in each round of cleaning. Pure.
 *
 * Names, numbers and what counts are those of nodepool/builder.py: a request that is being built is
 * not pending, of several states the highest number is told, and an image that ZooKeeper does not know
 * yet is left out.
 */
import { sampleOf, type Sample } from '../../shared/telemetry/metric.ts';
import * as names from '../../shared/telemetry/names/images.ts';

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

export function imageGauges(builder: string, images: readonly ImageActivity[]): Sample<'gauge'>[] {
  const pending = images.filter(isPending).length;
  return [
    ...images.flatMap((one) => gaugesOf(builder, one)),
    sampleOf(names.buildRequests, {}, pending),
  ];
}

function gaugesOf(builder: string, activity: ImageActivity): Sample<'gauge'>[] {
  const { image, isPaused, isBuiltHere, providers } = activity;
  const build = isBuiltHere ? STATE.building : STATE.idle;
  return [
    sampleOf(names.buildState, { builder, image }, isPaused ? STATE.paused : build),
    ...providers.map((one) => {
      const upload = one.isUploadedHere ? STATE.uploading : STATE.idle;
      const labels = { builder, image, provider: one.provider };
      return sampleOf(names.uploadState, labels, one.isPaused ? STATE.paused : upload);
    }),
    sampleOf(names.buildRequested, { image }, isPending(activity) ? 1 : 0),
  ];
}

function isPending({ isRequested, isBeingBuilt }: ImageActivity): boolean {
  return isRequested && !isBeingBuilt;
}
