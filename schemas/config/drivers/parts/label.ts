/** What the labels of pools share, and how they are read. */
import { camelKeys, without } from '../../camel.ts';
import type { CamelKeys } from '../../camel.ts';
import { text } from '../../kit.ts';
import type { Path } from '../../kit.ts';
import type { PoolLabel, ProviderImage } from '../../model.ts';
import type { ReadContext } from '../section.ts';
import { byName } from './by-name.ts';

/** Of a label whose nodes boot from an image of either kind. */
export const bootLabelOptions = () => ({
  name: text('A top-level label.'),
  'cloud-image': text('Boot from this entry of `cloud-images`.').optional(),
  diskimage: text('Boot from the newest upload of this entry of `diskimages`.').optional(),
});

/** The options of a label that the launcher understands. */
interface BootLabelSection {
  name: string;
  'cloud-image'?: string | undefined;
  diskimage?: string | undefined;
}

/** What only the driver understands of a label. */
export type LabelOptions<Label> = CamelKeys<Omit<Label, keyof BootLabelSection>>;

export function labelOptions<Label extends BootLabelSection>(label: Label): LabelOptions<Label> {
  return camelKeys(without(label, 'name', 'cloud-image', 'diskimage'));
}

/** A label that boots from no image; no keys are read, unless `rest` says otherwise. */
export function plainLabel<Options>(
  name: string,
  rest: Pick<PoolLabel<Options>, 'options'> & Partial<PoolLabel>,
): PoolLabel<Options> {
  return {
    name,
    cloudImage: undefined,
    diskimage: undefined,
    hostKeyChecking: false,
    consoleLog: false,
    place: undefined,
    ...rest,
  };
}

/** The labels of a pool, each checked against the top-level list. */
export function labelReadings<L extends { name: string }>(
  labels: readonly L[],
  path: Path,
  context: ReadContext,
  read: (label: L, path: Path) => PoolLabel,
): Map<string, PoolLabel> {
  const readings = labels.map((label, index) => {
    const place = [...path, index];
    requireLabel(label.name, [...place, 'name'], context);
    return { ...read(label, place), place: context.placeOf(place) };
  });
  return byName(readings, path, context);
}

/** The images of a provider that a label may boot from. */
interface BootScope {
  readonly cloudImages: ReadonlyMap<string, ProviderImage>;
  readonly diskimages: ReadonlyMap<string, ProviderImage>;
  readonly context: ReadContext;
}

interface BootPool<Label> {
  labels?: readonly Label[] | undefined;
  'host-key-checking'?: boolean | undefined;
}

/** The labels of a pool whose nodes boot from the provider's images; `path` is the pool's. */
export function bootLabelReadings<Label extends BootLabelSection>(
  pool: BootPool<Label>,
  path: Path,
  scope: BootScope & { readonly hostKeyChecking: boolean },
  optionsOf: (label: Label, path: Path) => unknown,
): Map<string, PoolLabel> {
  return labelReadings(pool.labels ?? [], [...path, 'labels'], scope.context, (label, place) => {
    requireCloudImage(label['cloud-image'], scope.cloudImages, place, scope.context);
    requireProviderDiskimage(label.diskimage, scope, place);
    return plainLabel(label.name, {
      cloudImage: label['cloud-image'],
      diskimage: label.diskimage,
      hostKeyChecking: pool['host-key-checking'] ?? scope.hostKeyChecking,
      options: optionsOf(label, place),
    });
  });
}

export function requireLabel(name: string, path: Path, context: ReadContext): void {
  if (!context.labels.has(name))
    context.error(path, `label ${name} is not in the top-level list of labels`);
}

/** Reports a label's cloud image that the provider does not have. */
export function requireCloudImage(
  name: string | undefined,
  images: ReadonlyMap<string, ProviderImage>,
  path: Path,
  context: ReadContext,
): void {
  if (name === undefined || name === '' || images.has(name)) return;
  const known = [...images.keys()];
  context.error(
    [...path, 'cloud-image'],
    `cloud image ${name} is not among this provider's cloud-images${known.length > 0 && known.length <= 10 ? ` (${known.join(', ')})` : ''}`,
  );
}

/** Reports a label's disk image that the provider does not upload. */
function requireProviderDiskimage(
  name: string | undefined,
  { diskimages, context }: BootScope,
  path: Path,
): void {
  if (name === undefined || name === '' || diskimages.has(name)) return;
  context.error(
    [...path, 'diskimage'],
    `disk image ${name} is not among this provider's diskimages`,
  );
}
