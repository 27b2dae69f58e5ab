/**
 * Where diskimage-builder runs: in a process of this machine, or in a container.
 *
 * A runner leaves nothing behind: `run` ends only when everything that it started has ended, and
 * `cleanUp` ends what an earlier builder, which was killed, could not.
 */
import type { BuildKey } from '../../shared/store/paths.ts';
import type { DibCommand } from './dib-command.ts';

export interface DibJob extends DibCommand {
  readonly key: BuildKey;
  /** Everything that it says goes to the end of this file, as it comes. */
  readonly logPath: string;
  /** Told what it runs in, in the words of `DibRunner.place`, where that was not known before. */
  readonly onPlace?: (place: string) => void;
}

export interface DibRunner {
  /**
   * Runs it to its end and answers its exit code; a signal that ended it counts as its negative
   * number, as in Python; daemons of containers tell 128 and the number.
   * On abort it is asked to end, then forced, and the call rejects with the signal's reason when it has.
   *
   * @throws NodepoolError NP_BUILD_RUNNER where it could not be started.
   */
  run(job: DibJob, signal: AbortSignal): Promise<number>;
  /**
   * What builds by this command, the words of `dib-cmd`, would run in if they began now, as far as it
   * decides what they make. Undefined: that is not known before one begins.
   *
   * @throws NodepoolError NP_BUILD_RUNNER where it could not be asked for.
   */
  place(command: readonly string[], signal: AbortSignal): Promise<string | undefined>;
  /**
   * Ends what is left of builds of this builder that do not run: an earlier builder's before the first
   * `run`, and later what could not be ended when it was its time.
   */
  cleanUp(signal: AbortSignal): Promise<void>;
  /** Whether something is left that `cleanUp` could end now. */
  readonly hasLeft: boolean;
  /**
   * Whether something of the build may still run, or hold its files, which nobody may delete then.
   * Before the first clean-up that is so of every build.
   */
  holds(key: BuildKey): boolean;
}
