/**
 * Sizes of machines in one location: what each takes, and whether we may have it.
 *
 * Facts: Resource Skus - List (Microsoft.Compute, 2021-07-01): capabilities are texts; restrictions
 * name a location or zones and why. ARM does not mind upper and lower case of a size.
 */
import type { ResourceSku } from '@azure/arm-compute';

import type { Clock } from '../../base/clock.ts';
import { CloudError } from '../../base/errors.ts';
import { Kept } from '../../cloud/kept.ts';
import { listed } from '../../cloud/listed.ts';

export interface Sku {
  /** As Azure spells it: `Standard_D2s_v5`. */
  readonly name: string;
  /** Whose cores have a limit of their own: `standardDSv5Family`. Undefined: none. */
  readonly family: string | undefined;
  /** Undefined: Azure does not say. */
  readonly cores: number | undefined;
  readonly ramMib: number | undefined;
  /** Why the subscription cannot have it in this location. Undefined: it can. */
  readonly refusal: string | undefined;
  /** Zones in which it can be had. Empty: the location has none, or none for it. */
  readonly zones: readonly string[];
}

/** By size, in lower case. */
export type SkuList = ReadonlyMap<string, Sku>;

/** What asks Azure. */
export interface SkuSource {
  skus(location: string, signal: AbortSignal): Promise<readonly ResourceSku[]>;
}

export interface SkusOptions {
  readonly limits: SkuSource;
  /** As configured. */
  readonly location: string;
  readonly clock: Clock;
}

/** Sizes are new or restricted a few times a year; a restriction is lifted when somebody asks. */
const KEPT_SECONDS = 3600;

export class Skus {
  readonly #kept: Kept<SkuList>;

  constructor({ limits, location, clock }: SkusOptions) {
    this.#kept = new Kept(async (signal) => skusOf(await limits.skus(location, signal), location), {
      clock,
      forSeconds: KEPT_SECONDS,
    });
  }

  /** Asked for once an hour. */
  get(signal: AbortSignal): Promise<SkuList> {
    return this.#kept.get(signal);
  }

  /**
   * The size that a label wants. One that is missing or refused may have come since sizes were listed,
   * so they are listed once more. Undefined: Azure tells us of no sizes at all.
   *
   * @throws CloudError NP_CLOUD_FATAL, which says what there is instead.
   */
  async wanted(size: string, label: string, signal: AbortSignal): Promise<Sku | undefined> {
    const isFresh = this.#kept.current === undefined;
    let problem = problemOf(await this.get(signal), size);
    if (problem !== undefined && !isFresh) {
      this.#kept.drop();
      problem = problemOf(await this.get(signal), size);
    }
    if (problem !== undefined)
      throw new CloudError('NP_CLOUD_FATAL', `label ${label}: ${problem.text}`, {
        hint: problem.hint,
      });
    return skuOf(await this.get(signal), size);
  }

  /** Whether the location has zones. */
  async hasZones(signal: AbortSignal): Promise<boolean> {
    return [...(await this.get(signal)).values()].some(({ zones }) => zones.length > 0);
  }
}

/** One size of the list. */
export function skuOf(skus: SkuList, size: string): Sku | undefined {
  return skus.get(size.toLowerCase());
}

/** `East US` and `eastus` are one. */
export function isSameLocation(a: string, b: string): boolean {
  return plain(a) === plain(b);
}

function plain(location: string): string {
  return location.replaceAll(' ', '').toLowerCase();
}

/** What a location has of Azure's list, which tells of disks and snapshots, too. Pure. */
export function skusOf(list: readonly ResourceSku[], location: string): SkuList {
  return new Map(
    list.flatMap((sku) => {
      const { resourceType, name, family, locations = [] } = sku;
      const isHere = locations.some((one) => isSameLocation(one, location));
      if (resourceType !== 'virtualMachines' || name === undefined || !isHere) return [];
      const read: Sku = {
        ...{ name, family: family === '' ? undefined : family },
        cores: capability(sku, 'vCPUs'),
        ramMib: mebibytes(capability(sku, 'MemoryGB')),
        refusal: refusalOf(sku, location),
        zones: zonesOf(sku, location),
      };
      return [[name.toLowerCase(), read]];
    }),
  );
}

function capability({ capabilities = [] }: ResourceSku, wanted: string): number | undefined {
  const text = capabilities.find(({ name }) => name === wanted)?.value;
  const value = Number(text);
  return text === undefined || text === '' || Number.isNaN(value) ? undefined : value;
}

function mebibytes(gibibytes: number | undefined): number | undefined {
  return gibibytes === undefined ? undefined : Math.floor(gibibytes * 1024);
}

function refusalOf({ restrictions = [] }: ResourceSku, location: string): string | undefined {
  const found = restrictions.find(
    ({ type, restrictionInfo, values = [] }) =>
      type === 'Location' &&
      (restrictionInfo?.locations ?? values).some((one) => isSameLocation(one, location)),
  );
  return found && (found.reasonCode ?? 'restricted');
}

function zonesOf(
  { locationInfo = [], restrictions = [] }: ResourceSku,
  location: string,
): string[] {
  const all = locationInfo.find((one) => isSameLocation(one.location ?? '', location))?.zones ?? [];
  const refused = restrictions
    .filter(({ type }) => type === 'Zone')
    .flatMap(({ restrictionInfo }) => restrictionInfo?.zones ?? []);
  return all.filter((zone) => !refused.includes(zone)).toSorted();
}

function problemOf(
  skus: SkuList,
  size: string,
): { readonly text: string; readonly hint: string } | undefined {
  if (skus.size === 0) return undefined;
  const sku = skuOf(skus, size);
  const text = `vm-size ${size}`;
  if (sku === undefined) {
    return { text: `there is no ${text} in the location`, hint: `it has: ${likeIt(skus, size)}` };
  }
  if (sku.refusal === undefined) return undefined;
  return {
    text: `${text} is not for this subscription in the location: ${sku.refusal}`,
    hint: `ask Azure's support for it, or take one of: ${likeIt(skus, size)}`,
  };
}

/** Names of sizes that can be had; of its series, where there are some. */
function likeIt(skus: SkuList, size: string): string {
  const usable = [...skus.values()]
    .filter(({ refusal }) => refusal === undefined)
    .map(({ name }) => name)
    .toSorted();
  const series = /^[^\d]*/.exec(size.toLowerCase())?.[0] ?? '';
  const alike = usable.filter((name) => name.toLowerCase().startsWith(series));
  return listed(alike.length > 0 ? alike : usable);
}
