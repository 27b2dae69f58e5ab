/**
 * Provider sections to `ProviderConfig`s, each by its driver's file in `schemas/config/drivers`.
 */
import { driverSections } from '../../schemas/config/drivers/all.ts';
import type {
  AnyDriverSection,
  ProviderReading,
  ReadContext,
} from '../../schemas/config/drivers/section.ts';
import { anyProvider } from '../../schemas/config/file.ts';
import type { Path } from '../../schemas/config/kit.ts';
import type { ProviderConfig } from '../../schemas/config/model.ts';
import { messageOf } from '../base/errors.ts';
import { checkSection } from './check.ts';
import type { DiskimageDraft } from './diskimages.ts';
import type { FileFindings } from './findings.ts';
import { holdsSecret } from './found.ts';
import { isMapping } from './mapping.ts';
import type { OutsideSections } from './outside.ts';
import { printable } from './problem.ts';
import type { Environment } from './substitute.ts';
import { suggest } from './suggestion.ts';

/** Of the original's drivers that say nothing else. */
const IMAGE_NAME_FORMAT = '{image_name}-{timestamp}';

export interface ProvidersInput {
  /** The list as it stands in the file. */
  readonly sections: readonly unknown[];
  readonly labels: ReadonlySet<string>;
  readonly diskimages: ReadonlyMap<string, DiskimageDraft>;
  readonly environment: Environment;
  /** Undefined: not looked at. */
  readonly builtDrivers: readonly string[] | undefined;
  /** Drivers from outside the tree. */
  readonly outside: OutsideSections;
  readonly secrets: readonly string[];
  readonly report: FileFindings;
  /** File and line of an option. */
  readonly placeOf: (path: Path) => string;
}

export function readProviders(input: ProvidersInput): Map<string, ProviderConfig> {
  const providers = new Map<string, ProviderConfig>();
  const places = new Map<string, number>();
  input.sections.forEach((section, index) => {
    const provider = readProvider(section, index, input);
    if (provider === undefined) return;
    const before = places.get(provider.name);
    if (before !== undefined)
      input.report(
        'warning',
        ['providers', before],
        `is replaced by a later provider of the same name, ${provider.name}`,
      );
    places.set(provider.name, index);
    providers.set(provider.name, provider);
  });
  return providers;
}

function readProvider(
  section: unknown,
  index: number,
  input: ProvidersInput,
): ProviderConfig | undefined {
  const base: Path = ['providers', index];
  if (!isMapping(section)) {
    checkSection(anyProvider, { ...input, value: section, base });
    return undefined;
  }
  const driver = findDriver(section, base, input);
  if (driver === undefined) return undefined;
  const outside = input.outside.get(driver.name);
  if (outside === undefined && input.builtDrivers?.includes(driver.name) === false)
    input.report(
      'warning',
      section.driver === undefined ? base : [...base, 'driver'],
      `driver ${driver.name} is not built yet: the provider counts as one that cannot start`,
    );
  const value = { ...section, driver: driver.name };
  const checked = checkSection(driver.schema, { ...input, value, base });
  if (checked === undefined) return undefined;
  const reading = readingOf(driver, checked, base, input);
  if (reading === undefined) return undefined;
  const concurrency = Number(checked['max-concurrency']);
  return {
    name: String(checked.name),
    driver: driver.name,
    ...(outside && { driverModule: outside.module }),
    maxConcurrency: concurrency < 0 ? Infinity : concurrency,
    priority: checked.priority as number | undefined,
    managesImages: driver.managesImages,
    imageNameFormat:
      (checked['image-name-format'] as string | undefined) ??
      driver.imageNameFormat ??
      IMAGE_NAME_FORMAT,
    postUploadHook: checked['post-upload-hook'] as string | undefined,
    ...reading,
    raw: section,
    place: input.placeOf(base),
  };
}

/** What a driver from outside throws is a finding of its provider; of ours, a defect. */
function readingOf(
  driver: AnyDriverSection,
  checked: unknown,
  base: Path,
  input: ProvidersInput,
): ProviderReading | undefined {
  try {
    return driver.read(checked, readContext(base, driver.name, input));
  } catch (error) {
    if (!input.outside.has(driver.name)) throw error;
    const said = messageOf(error);
    const shown = holdsSecret(said, input.secrets) ? 'what it says holds a secret' : said;
    input.report('error', base, `driver ${driver.name} cannot read it: ${shown}`);
    return undefined;
  }
}

function findDriver(
  section: Readonly<Record<string, unknown>>,
  base: Path,
  input: ProvidersInput,
): AnyDriverSection | undefined {
  const isFake = typeof section.name === 'string' && section.name.startsWith('fake');
  const name = isFake ? 'fake' : (section.driver ?? 'openstack');
  const driver = typeof name === 'string' ? sectionOf(name, input) : undefined;
  if (driver !== undefined) return driver;
  if (typeof name === 'string' && input.outside.has(name)) return undefined;
  const known = [...driverSections.keys(), ...input.outside.keys()];
  const near = typeof name === 'string' ? suggest(name, known) : undefined;
  const hint = near === undefined ? `must be one of ${known.join(', ')}` : `did you mean ${near}?`;
  const shown =
    typeof name === 'string' ? `${printable(name)} is no driver that is known here` : 'is no text';
  input.report('error', [...base, 'driver'], `${shown}; ${hint}`);
  return undefined;
}

function sectionOf(name: string, { outside }: ProvidersInput): AnyDriverSection | undefined {
  return driverSections.get(name) ?? outside.get(name)?.section;
}

function readContext(base: Path, driver: string, input: ProvidersInput): ReadContext {
  const at =
    (severity: 'error' | 'strict' | 'warning') =>
    (path: Path, message: string): void => {
      input.report(severity, [...base, ...path], message);
    };
  return {
    driver,
    environment: input.environment,
    labels: input.labels,
    diskimages: input.diskimages,
    addFormat: (name, format) => {
      const image = input.diskimages.get(name);
      if (image !== undefined && !image.formats.includes(format)) image.formats.push(format);
    },
    placeOf: (path) => input.placeOf([...base, ...path]),
    error: at('error'),
    strict: at('strict'),
    warn: at('warning'),
  };
}
