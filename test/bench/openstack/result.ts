/** What `npm run bench openstack` has found out. */
import type { ContenderName, RunFigures, Variant } from './run.ts';

export type OpenStackCase = {
  readonly variant: Variant;
  readonly in_flight: number;
} & Readonly<Partial<Record<ContenderName, RunFigures>>>;

export interface OpenStackResult {
  readonly date: string;
  readonly node: string;
  readonly cores: number;
  /** Of the machine before the first run. */
  readonly load1: number;
  readonly cases: readonly OpenStackCase[];
}
