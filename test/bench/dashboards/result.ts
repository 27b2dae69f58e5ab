/** What the bench of open dashboards finds. */
import type { LoadFigures } from './load.ts';

/** What the readers took in one round. */
export interface Readers {
  /** Bytes until all had everything, and after that. */
  readonly snapshot: number;
  readonly changes: number;
  /** Streams that ended. */
  readonly lost: number;
}

export interface Round extends LoadFigures {
  readonly cpu_ms_per_request: number;
  readonly readers?: Readers;
}

export type Figure = 'requests_per_second' | 'p50_ms' | 'p99_ms' | 'cpu_ms_per_request';

export interface DashboardsResult {
  readonly date: string;
  readonly node: string;
  readonly cores: number;
  /** Of the machine, before. */
  readonly load1: number;
  readonly readers: number;
  readonly nodes: number;
  readonly requests: number;
  readonly rounds: number;
  /** Medians. */
  readonly without: Readonly<Record<Figure, number>>;
  readonly with: Readonly<Record<Figure, number>>;
  /** With divided by without: the median of the pairs that were taken one after the other. */
  readonly ratio: Readonly<Record<Figure, number>>;
  /** To each reader while the load ran. */
  readonly kilobytes_per_second: number;
  readonly lost: number;
  readonly rss_mib: number;
}
