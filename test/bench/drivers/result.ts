/** What the bench of drivers finds. */

/** Of one launcher with one provider. */
export interface DriverFigures {
  /** From the start of the process until its provider runs. */
  readonly start_seconds: number;
  /** User and system time until then. */
  readonly start_cpu_ms: number;
  /** Resident, a moment after that. */
  readonly rss_mib: number;
}

export interface DriverResult {
  /** Medians. */
  readonly figures: DriverFigures;
  /** To `static` in the same round; medians. */
  readonly ratio: DriverFigures;
}

export interface DriversResult {
  readonly date: string;
  readonly node: string;
  readonly cores: number;
  /** Of the machine, before. */
  readonly load1: number;
  readonly rounds: number;
  readonly drivers: Readonly<Record<string, DriverResult>>;
}
