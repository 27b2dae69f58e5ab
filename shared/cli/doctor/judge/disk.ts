/** Whether the next build has room. Pure. */
import { sayBytes } from '../../../base/words.ts';
import type { Finding } from '../model.ts';

export interface DiskFacts {
  /** `images-dir`. */
  readonly folder: string;
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** What the largest build takes that is there. */
  readonly largestBytes: number;
}

const LITTLE_SHARE = 0.05;

export function judgeDisk({ folder, freeBytes, totalBytes, largestBytes }: DiskFacts): Finding[] {
  const isShort = freeBytes < largestBytes;
  // While an image is made its file is there twice.
  const isLittle = freeBytes < 2 * largestBytes || freeBytes < totalBytes * LITTLE_SHARE;
  if (!isShort && !isLittle) return [];
  const took = largestBytes === 0 ? '' : `, the largest build takes ${sayBytes(largestBytes)}`;
  return [
    {
      ...{ severity: isShort ? 'problem' : 'warning', code: 'disk-full', object: folder },
      seen: `${sayBytes(freeBytes)} of ${sayBytes(totalBytes)} are free${took}`,
      remedy:
        'make room: delete-after-upload, fewer formats, dib-image-delete of old builds, or a larger disk',
    },
  ];
}
