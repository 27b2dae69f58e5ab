/** What a provider's images share: how to log in, and how their sections are read. */
import { camelKeys, without } from '../../camel.ts';
import type { CamelKeys } from '../../camel.ts';
import { flag, text, whole } from '../../kit.ts';
import type { Path } from '../../kit.ts';
import type { ProviderImage } from '../../model.ts';
import type { ReadContext } from '../section.ts';
import { byName } from './by-name.ts';

export const connectionOptions = {
  'connection-type': text('How to connect: `ssh`, `winrm`, `network_cli`, ...').default('ssh'),
  'connection-port': whole('Port to connect to. Default: 5986 for winrm, else 22.').optional(),
};

export const interpreterOptions = {
  'python-path': text('Python on the node; `auto` lets Ansible find it.').default('auto'),
  'shell-type': text("Shell of the node, as Ansible's `ansible_shell_type`.").optional(),
};

/** Of a disk image that the provider uploads. */
export const diskimageOptions = () => ({
  name: text('A top-level disk image, not abstract.'),
  pause: flag('Upload no new builds.').default(false),
});

/** The same where the provider may say who logs in. */
export const diskimageUserOptions = () => ({
  name: text('A top-level disk image, not abstract.'),
  username: text("User to log in as. Default: the disk image's.").optional(),
  pause: flag('Upload no new builds.').default(false),
});

/** The options of an image that all drivers understand. */
interface ImageSection {
  name: string;
  username?: string | undefined;
  pause?: boolean | undefined;
  'python-path'?: string | undefined;
  'shell-type'?: string | undefined;
  'connection-type': string;
  'connection-port'?: number | undefined;
}

/** What only the driver understands of an image. */
export type ImageOptions<Image> = CamelKeys<Omit<Image, keyof ImageSection>>;

export function imageOptions<Image extends ImageSection>(image: Image): ImageOptions<Image> {
  return camelKeys(
    without(
      image,
      'name',
      'username',
      'pause',
      'python-path',
      'shell-type',
      'connection-type',
      'connection-port',
    ),
  );
}

function imageReading(image: ImageSection, options: unknown): ProviderImage {
  return {
    name: image.name,
    username: image.username,
    pythonPath: image['python-path'] ?? 'auto',
    shellType: image['shell-type'],
    connectionType: image['connection-type'],
    connectionPort: image['connection-port'] ?? defaultPort(image['connection-type']),
    isPaused: image.pause ?? false,
    options,
  };
}

function defaultPort(connectionType: string): number {
  return connectionType === 'winrm' ? 5986 : 22;
}

/** The images of `cloud-images`, each with what `optionsOf` says only the driver understands. */
export function cloudImageReadings<Image extends ImageSection>(
  images: readonly Image[],
  context: ReadContext,
  optionsOf: (image: Image) => unknown,
): Map<string, ProviderImage> {
  const readings = images.map((image) => imageReading(image, optionsOf(image)));
  return byName(readings, ['cloud-images'], context);
}

interface DiskimagesScope {
  readonly context: ReadContext;
  /** Of the uploads; undefined: the section does not say. */
  readonly format: string | undefined;
}

/** The images of `diskimages`, each checked against the top-level list. */
export function diskimageReadings<Image extends ImageSection>(
  images: readonly Image[],
  { context, format }: DiskimagesScope,
  optionsOf: (image: Image, path: Path) => unknown,
): Map<string, ProviderImage> {
  const readings = images.map((image, index) => {
    const path = ['diskimages', index];
    requireDiskimage(image.name, [...path, 'name'], context);
    if (format !== undefined) context.addFormat(image.name, format);
    const username = image.username ?? context.diskimages.get(image.name)?.username;
    return imageReading({ ...image, username }, optionsOf(image, path));
  });
  return byName(readings, ['diskimages'], context);
}

/** Reports a provider's disk image that no top-level one defines. */
export function requireDiskimage(name: string, path: Path, context: ReadContext): void {
  if (!context.diskimages.has(name))
    context.error(path, `disk image ${name} is not in the top-level list, or is abstract`);
}
