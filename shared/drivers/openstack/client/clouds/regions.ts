/**
 * The region: its name and the settings that hold for it alone.
 */
import { asText, isPlain, normalise, wrong } from './values.ts';
import type { Entry, Plain } from './values.ts';

export interface Region {
  readonly name: string;
  readonly values: Plain;
}

/** Of the entry, else of its profile; the first where none is asked for. */
export function findRegion(
  entry: Entry,
  config: Plain,
  profile: Plain | undefined,
  wanted: string | undefined,
): Region {
  const regions = knownRegions(entry, normalise(config)) ?? profileRegions(entry, profile) ?? [];
  const name = wanted ?? '';
  const first = regions[0];
  if (first === undefined) return { name, values: {} };
  if (name === '') return first;
  const found = regions.find((region) => region.name === name);
  if (found !== undefined) return found;
  const names = regions.map((region) => `'${region.name}'`).join(', ');
  throw wrong(
    entry,
    `no region '${name}'; there is ${names}`,
    'Upper and lower case of region names matter.',
  );
}

function knownRegions(entry: Entry, config: Plain): Region[] | undefined {
  const { regions, region_name: name } = config;
  if (regions !== undefined) return expand(entry, regions);
  if (typeof name === 'string') return expand(entry, name.split(','));
  return name === undefined || name === null ? undefined : expand(entry, name);
}

function profileRegions(entry: Entry, profile: Plain | undefined): Region[] | undefined {
  const { regions, region_name: name } = profile ?? {};
  if (Array.isArray(regions) && regions.length > 0) return expand(entry, regions);
  return typeof name === 'string' && name !== '' ? [{ name, values: {} }] : undefined;
}

function expand(entry: Entry, regions: unknown): Region[] {
  if (regions === null) return [];
  if (!Array.isArray(regions)) throw wrong(entry, 'regions must be a list');
  return regions.map((region: unknown) => {
    if (!isPlain(region)) {
      const name = asText(region);
      if (name !== undefined) return { name, values: {} };
    } else {
      const { name: given, values = {}, ...rest } = region;
      const name = asText(given);
      if (name !== undefined && Object.keys(rest).length === 0 && isPlain(values ?? {}))
        return { name, values: isPlain(values) ? values : {} };
    }
    throw wrong(entry, 'an entry of regions must be a name, or have a name and values only');
  });
}
