/** What Nodepool asks of a driver's module; the tests of nodepool-ts read it in TypeScript. */
import type { OutsideSectionModule } from '../../schemas/config/drivers/outside.ts';
import type { Driver } from '../../shared/drivers/driver.ts';
import type { DriverKit } from '../../shared/drivers/outside.ts';

export const section: OutsideSectionModule['section'];
export function driver(kit: DriverKit, fetch?: typeof globalThis.fetch): Driver;
