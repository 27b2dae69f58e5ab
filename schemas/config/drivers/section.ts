/**
 * What a driver's file in this folder says: the schema of its provider section, and how the section
 * becomes a `ProviderConfig`.
 */
import type { z } from 'zod';

import type { Path } from '../kit.ts';
import type { DiskimageConfig, PoolConfig, ProviderConfig } from '../model.ts';

/** What a section may ask and say while it is read. Paths are relative to the provider. */
export interface ReadContext {
  readonly driver: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Names of the top-level labels. */
  readonly labels: ReadonlySet<string>;
  /** Top-level disk images that are not abstract. */
  readonly diskimages: ReadonlyMap<string, DiskimageConfig>;
  /** Uploads of the image need this format, so the build must make it. */
  addFormat(diskimage: string, format: string): void;
  /** File and line of an option, for messages of later. */
  placeOf(path: Path): string;
  /** Python Nodepool's loader refuses this, and so do we. */
  error(path: Path, message: string): void;
  /** Loads, but `config-validate` refuses it. */
  strict(path: Path, message: string): void;
  /** Loads and is valid, but is hardly what was meant. */
  warn(path: Path, message: string): void;
}

/** What the common code adds: name, driver, concurrency, priority, raw. */
export type ProviderReading<Options = unknown> = Pick<
  ProviderConfig<Options>,
  | 'launchRetries'
  | 'launchTimeoutSeconds'
  | 'bootTimeoutSeconds'
  | 'callsPerSecond'
  | 'diskimages'
  | 'cloudImages'
  | 'options'
> & { readonly pools: readonly PoolConfig[] };

export interface DriverSection<S extends z.ZodObject = z.ZodObject> {
  /** The value of `driver:`. */
  readonly name: string;
  /** One sentence for the reference page. */
  readonly about: string;
  /** Whether uploads of disk images belong to such providers. */
  readonly managesImages: boolean;
  /** Name of uploads where the section says nothing. Default: `{image_name}-{timestamp}`. */
  readonly imageNameFormat?: string;
  /** Built where it is asked for: most configurations name one or two of the drivers. */
  readonly schema: () => S;
  read(section: z.output<S>, context: ReadContext): ProviderReading;
}

/** A section whose own type is forgotten, so that all drivers fit in one table. */
export interface AnyDriverSection extends Omit<DriverSection, 'read' | 'schema'> {
  readonly schema: z.ZodObject;
  /** The section must have passed the schema. */
  read(section: unknown, context: ReadContext): ProviderReading;
}

export function defineDriver<S extends z.ZodObject>(section: DriverSection<S>): AnyDriverSection {
  let schema: S | undefined;
  return {
    ...section,
    get schema() {
      return (schema ??= section.schema());
    },
    // The table's users parse with `schema` first; that the types agree is checked here, once.
    read: (value, context) => section.read(value as z.output<S>, context),
  };
}

/** Where nothing is uploaded and nothing is booted from images. */
export const NO_IMAGES: Pick<ProviderConfig, 'diskimages' | 'cloudImages'> = {
  diskimages: new Map(),
  cloudImages: new Map(),
};
