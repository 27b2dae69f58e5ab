/**
 * Provider sections of drivers that are no part of this package. Such a driver is a module that
 * nodepool.yaml names under `extensions: drivers: NAME: module:`; it exports two functions, `section`
 * and `driver` (shared/drivers/outside.ts). Each is given what it is to build on: a module elsewhere
 * could not import it, and a second copy of zod or of our errors would not be recognised.
 */
import { z } from 'zod';

import { camelKeys } from '../camel.ts';
import * as kit from '../kit.ts';
import * as image from './parts/image.ts';
import * as label from './parts/label.ts';
import * as pool from './parts/pool.ts';
import * as provider from './parts/provider.ts';
import { defineDriver, NO_IMAGES } from './section.ts';
import type { AnyDriverSection } from './section.ts';

/** What `section` is given: the words that our own sections are written in. */
export const sectionKit = {
  z,
  defineDriver,
  NO_IMAGES,
  camelKeys,
  ...kit,
  ...image,
  ...label,
  ...pool,
  ...provider,
};

export type SectionKit = typeof sectionKit;

/** What the loader of configurations calls of a driver's module. */
export interface OutsideSectionModule {
  /** The section's `name` must be the NAME that nodepool.yaml gives the module. */
  section(kit: SectionKit): AnyDriverSection;
}

/** A driver from outside the tree, as far as configurations need it. */
export interface OutsideSection {
  readonly section: AnyDriverSection;
  /** Address of the module: a `file:` URL. */
  readonly module: string;
}
