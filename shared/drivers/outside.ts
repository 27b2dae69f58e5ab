/**
 * Drivers that are no part of this package: modules that nodepool.yaml names under
 * `extensions: drivers: NAME: module:` (shared/config/outside.ts finds them). Such a module exports
 * `section` (schemas/config/drivers/outside.ts) and `driver`. Both are given what they are to build on, so
 * that errors, clocks and limits are the very ones of this process. Loaded with the first provider of
 * such a driver, and never without one.
 */
import { z } from 'zod';

import * as errors from '../base/errors.ts';
import * as wait from '../base/wait.ts';
import { assertAsBuilt } from '../cloud/as-built.ts';
import { Batches } from '../cloud/batches.ts';
import * as calls from '../cloud/calls.ts';
import { Creations } from '../cloud/creations.ts';
import { ImageFile } from '../cloud/image-file.ts';
import { ImageLooks } from '../cloud/image-looks.ts';
import { Kept } from '../cloud/kept.ts';
import { KeyScanner } from '../cloud/key-scan.ts';
import { listed } from '../cloud/listed.ts';
import { listingSeconds } from '../cloud/listing-pace.ts';
import { networkFailure } from '../cloud/network-failure.ts';
import { Patience } from '../cloud/patience.ts';
import { proxyFor } from '../cloud/proxy.ts';
import * as quota from '../cloud/quota.ts';
import { retryAfterMs } from '../cloud/retry-after.ts';
import { sendSegments } from '../cloud/segments.ts';
import { SharedCalls } from '../cloud/shared-calls.ts';
import { SharedListing } from '../cloud/shared-listing.ts';
import { Slots } from '../cloud/slots.ts';
import * as tags from '../cloud/tags.ts';
import { orTakeBack } from '../cloud/take-back.ts';
import { formatTemplate } from '../cloud/template.ts';
import { Tokens } from '../cloud/tokens.ts';
import type { Driver } from './driver.ts';

/** What `driver` is given: all that docs/driver-author.md names to build on. */
export const driverKit = {
  z,
  ...errors,
  ...wait,
  ...calls,
  ...quota,
  ...tags,
  ...{ assertAsBuilt, Batches, Creations, ImageFile, ImageLooks, Kept, KeyScanner, listed },
  ...{ listingSeconds, networkFailure, Patience, proxyFor, retryAfterMs, sendSegments },
  ...{ SharedCalls, SharedListing, Slots, orTakeBack, formatTemplate, Tokens },
};

export type DriverKit = typeof driverKit;

/** What is called of a driver's module when its first provider starts. */
export interface OutsideDriverModule {
  readonly driver: (kit: DriverKit) => Driver;
}

const loaded = new Map<string, Promise<Driver>>();

/** `module`: its address. The driver is made once for the process. */
export function loadOutsideDriver(name: string, module: string): Promise<Driver> {
  const key = `${name} ${module}`;
  let loading = loaded.get(key);
  if (loading === undefined) {
    loading = make(name, module);
    loaded.set(key, loading);
    // What failed is tried again with the next start of its provider.
    loading.catch(() => loaded.delete(key));
  }
  return loading;
}

async function make(name: string, module: string): Promise<Driver> {
  const { driver } = (await import(module)) as OutsideDriverModule;
  const made = driver(driverKit);
  if ('connect' in made) return made;
  throw new errors.ConfigError('NP_CONFIG_INVALID', `the module of driver ${name} makes none`, {
    hint: `its function driver must return an object with connect: ${module}`,
  });
}
