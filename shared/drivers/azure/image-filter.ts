/** Which image of the resource group an `image-filter` means. Pure. Facts: nodepool/driver/azure/adapter.py. */
import type { Image } from '@azure/arm-compute';

import type { AzureCloudImageOptions } from '../../../schemas/config/drivers/azure.ts';
import { isSameLocation } from './skus.ts';

export type ImageFilter = NonNullable<AzureCloudImageOptions['imageFilter']>;

/** The last by name of those that can be used and have all that is asked for. */
export function chooseImage(images: readonly Image[], filter: ImageFilter): Image | undefined {
  return images
    .filter((image) => matches(image, filter))
    .toSorted(byName)
    .at(-1);
}

/** Names of the images that can be used, in order. */
export function usableNames(images: readonly Image[]): string[] {
  return images
    .filter(isUsable)
    .toSorted(byName)
    .map(({ name = '' }) => name);
}

/** As a person says it: `name: base, tags: {"os":"debian"}`. */
export function filterText(filter: ImageFilter): string {
  const parts = Object.entries(filter).map(
    ([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return parts.length === 0 ? 'anything' : parts.join(', ');
}

function matches(image: Image, { name, location, tags = {} }: ImageFilter): boolean {
  return (
    isUsable(image) &&
    (name === undefined || image.name === name) &&
    (location === undefined || isSameLocation(image.location, location)) &&
    Object.entries(tags).every(([key, value]) => image.tags?.[key] === textOf(value))
  );
}

function isUsable({ provisioningState }: Image): boolean {
  return provisioningState === 'Succeeded';
}

/** Tags are texts; YAML reads `release: 12` as a number. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function byName({ name: a = '' }: Image, { name: b = '' }: Image): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
