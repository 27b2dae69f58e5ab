/** Where two launchers compete: a cloud that counts what it is asked. */

type Fields = Readonly<Record<string, unknown>>;

export interface Arena {
  /** For files of the runs. */
  readonly folder: string;
  /** Of both launchers. */
  readonly environment: Readonly<Record<string, string>>;
  /** Of Python's alone. */
  readonly pythonEnvironment?: Readonly<Record<string, string>>;
  /** The section of nodepool.yaml; its only label is `LABEL`. */
  readonly provider: Fields;
  /** How often each kind of call came since the last `forget`. */
  counts(): Readonly<Record<string, number>>;
  forget(): void;
  /** What costs and is still there, by kind. */
  census(): Promise<Readonly<Record<string, number>>>;
  /** Deletes all that a launcher left. */
  wipe(): Promise<void>;
}

export const LABEL = 'bench';
/** Seconds for a launch, and for a whole run. */
export const LIMIT_SECONDS = 1200;
