/** What the command line asks of the doctor. */
export interface DoctorOptions {
  /** Whether providers are connected to. */
  readonly hasClouds: boolean;
  /** Of the providers only this one. Undefined: all. */
  readonly provider: string | undefined;
}
