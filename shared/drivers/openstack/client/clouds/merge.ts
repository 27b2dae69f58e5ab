/**
 * One cloud in one region as a plain record: defaults, profile, entry, region, one over the other, with
 * older spellings put right.
 *
 * Facts: openstacksdk 4.22, OpenStackConfig.get_one.
 */
import { gatherAuth } from './auth-types.ts';
import { defaults } from './defaults.ts';
import { fill, fixAuth, fixAuthType, fixDomains, fixInsecure } from './fixes.ts';
import { fixInterfaces, fixTimeouts } from './fixes.ts';
import { findRegion } from './regions.ts';
import { isPlain, normalise, omit, wrong } from './values.ts';
import type { Entry, Plain } from './values.ts';

export interface MergeInput {
  readonly entry: Entry;
  /** What stands under the cloud's name. */
  readonly config: Plain;
  /** The vendor's profile that it names. */
  readonly profile: Plain | undefined;
  /** Undefined: the first of the cloud. */
  readonly regionName: string | undefined;
}

/** Keys with underscores; `auth` holds what its type knows and nothing else. */
export function mergeCloud({ entry, config, profile, regionName }: MergeInput): Plain {
  const merged: Plain = defaults();
  update(entry, merged, profile ?? {});
  merged.auth ??= {};
  update(entry, merged, config);
  const region = findRegion(entry, config, profile, regionName);
  const own = omit(merged, 'cloud', 'regions');
  const ofRegion = Object.entries(region.values).filter(([, value]) => value !== null);
  update(entry, own, Object.fromEntries(ofRegion));
  own.region_name = region.name;
  return finish(entry, fixSpellings(own));
}

function update(entry: Entry, into: Plain, from: Plain): void {
  for (const [key, value] of Object.entries(structuredClone(from))) {
    if (key !== 'auth') {
      into[key] = value;
      continue;
    }
    if (!isPlain(value)) throw wrong(entry, 'auth must be a mapping');
    into.auth = { ...(isPlain(into.auth) ? into.auth : {}), ...value };
  }
}

function fixSpellings(config: Plain): Plain {
  const steps = [fixTimeouts, fixAuthType, fixAuth, fixInterfaces, fixDomains, fixInsecure];
  return steps.reduce((fixed, step) => step(fixed), config);
}

function finish(entry: Entry, config: Plain): Plain {
  const { auth } = config;
  if (isPlain(auth) && typeof auth.auth_url === 'string')
    auth.auth_url = fill(entry, 'auth_url', auth.auth_url, config);
  const gathered = gatherAuth(entry, normalise(config));
  for (const [key, value] of Object.entries(gathered))
    if (typeof value === 'string' && key !== 'password')
      gathered[key] = fill(entry, key, value, gathered);
  return gathered;
}
