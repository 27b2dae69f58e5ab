/**
 * What the builder's decisions look at: plain data, made from the caches and the configuration.
 */
import type { BuildRecord, UploadRecord } from '../../../schemas/records/image.ts';

/** A build and what has been uploaded of it. */
export interface BuildView {
  readonly id: string;
  readonly record: BuildRecord;
  readonly uploads: readonly UploadView[];
}

export interface UploadView {
  readonly id: string;
  readonly provider: string;
  readonly record: UploadRecord;
}

/** An image as the configuration wants it. */
export interface ImageWish {
  readonly name: string;
  /** By the configuration or by an operator (`image-pause`). */
  readonly isPaused: boolean;
  /** An operator asks for a build (`dib-image-build`). */
  readonly isRequested: boolean;
  /** The request came after our last try, if that failed: somebody may have mended what was wrong. */
  readonly isRequestNew: boolean;
  /** The image's own and those that its providers upload. */
  readonly formats: readonly string[];
  readonly rebuildAgeSeconds: number;
}

/** Newest first, by the time of the last change of state. */
export function newestFirst<V extends { readonly record: { readonly state_time: number } }>(
  views: readonly V[],
): V[] {
  return views.toSorted((a, b) => b.record.state_time - a.record.state_time);
}

export function formatsOf({ formats }: Pick<BuildRecord, 'formats'>): readonly string[] {
  return formats === undefined || formats === '' ? [] : formats.split(',');
}
