/** What a contest has found out. */
import type { ContenderName, RunFigures } from './run.ts';

export type ContestCase = {
  readonly variant: string;
  readonly in_flight: number;
} & Readonly<Partial<Record<ContenderName, RunFigures>>>;

export interface ContestResult {
  readonly date: string;
  readonly node: string;
  readonly cores: number;
  /** Of the machine before the first run. */
  readonly load1: number;
  readonly cases: readonly ContestCase[];
}
