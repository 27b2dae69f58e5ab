/**
 * The table of drivers: a new one adds its file here and nowhere else.
 */
import { fakeSection, openstackSection } from './openstack.ts';
import type { AnyDriverSection } from './section.ts';
import { staticSection } from './static.ts';

export const driverSections: ReadonlyMap<string, AnyDriverSection> = new Map(
  [openstackSection, fakeSection, staticSection].map((section) => [section.name, section]),
);
