/** Microversions: which one a call asks for, and how. */
import type { ServiceType } from './cloud-config.ts';
import type { MicroversionRange } from './versions.ts';

/**
 * What is asked for: `fixed` (of clouds.yaml) as it is, else the wanted one or the nearest that the
 * service speaks. Undefined: none.
 */
export function microversionFor(
  wanted: string | undefined,
  range: MicroversionRange | undefined,
  fixed: string | undefined,
): string | undefined {
  if (fixed !== undefined) return fixed;
  if (wanted === undefined || range === undefined) return undefined;
  if (compareVersions(wanted, range.max) > 0) return range.max;
  if (compareVersions(wanted, range.min) < 0) return range.min;
  return wanted;
}

/** Negative: the first is older. By number, as 2.9 is older than 2.10. */
function compareVersions(a: string, b: string): number {
  const [aMajor = 0, aMinor = 0] = a.split('.').map(Number);
  const [bMajor = 0, bMinor = 0] = b.split('.').map(Number);
  return aMajor - bMajor || aMinor - bMinor;
}

/** Services as their microversion header calls them, where it is not by type. */
const NAMES: Partial<Record<ServiceType, string>> = { 'block-storage': 'volume' };

export function microversionHeaders(
  type: ServiceType,
  version: string | undefined,
): Readonly<Record<string, string>> {
  if (version === undefined) return {};
  return {
    'openstack-api-version': `${NAMES[type] ?? type} ${version}`,
    // Up to 2.26 nova knows only this one.
    ...(type === 'compute' && { 'x-openstack-nova-api-version': version }),
  };
}
