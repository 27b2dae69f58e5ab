/** Which image of the region a name or an `image-filter` means. Pure. Facts: nodepool/driver/ibmvpc/adapter.py. */
import type { IbmVpcCloudImageOptions } from '../../../schemas/config/drivers/ibmvpc.ts';
import type { VpcImage } from './client/model.ts';

type ImageFilter = NonNullable<IbmVpcCloudImageOptions['imageFilter']>;

/** What an image must be. */
export type ImageWish = { readonly name: string } | { readonly filter: ImageFilter };

/** States in which machines can be made from an image. */
const USABLE: readonly string[] = ['available', 'deprecated'];

/** The first, in IBM's order, that is all that is asked for. */
export function chooseImage(images: readonly VpcImage[], wish: ImageWish): VpcImage | undefined {
  return images.find((image) => matches(image, wish));
}

/** Names of the images that can be used, in order. */
export function usableNames(images: readonly VpcImage[]): string[] {
  return images
    .filter(({ status }) => USABLE.includes(status))
    .map(({ name }) => name)
    .toSorted();
}

/** As a person says it: `owner-type: provider, operating-system: {"family":"Ubuntu Linux"}`. */
export function wishText(wish: ImageWish): string {
  const parts = 'name' in wish ? { name: wish.name } : wish.filter;
  const texts = Object.entries(parts).map(
    ([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return texts.length === 0 ? 'anything' : texts.join(', ');
}

function matches(image: VpcImage, wish: ImageWish): boolean {
  if ('name' in wish) return image.name === wish.name && USABLE.includes(image.status);
  const { 'operating-system': system = {}, 'owner-type': owner, status } = wish.filter;
  const isOfStatus = status === undefined ? USABLE.includes(image.status) : image.status === status;
  return (
    isOfStatus &&
    (owner === undefined || image.ownerType === owner) &&
    Object.entries(system).every(
      ([key, value]) => image.operatingSystem[key.replaceAll('-', '_')] === value,
    )
  );
}
