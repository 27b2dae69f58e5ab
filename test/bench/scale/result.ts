/** What `npm run bench scale` has found out. */
import type { Size } from './layout.ts';
import type { RunFigures } from './run.ts';

export interface Attempt {
  readonly share: number;
  readonly size: Size;
  readonly python: RunFigures;
  /** Of the size that Python came to the end with. */
  readonly ours?: RunFigures;
}

export interface ScaleResult {
  readonly date: string;
  readonly node: string;
  readonly cores: number;
  /** Of the machine before the first run. */
  readonly load1: number;
  readonly size: Size;
  readonly ours: RunFigures;
  readonly attempts: readonly Attempt[];
}
