/**
 * Follows a container to its end: what it says goes to a file, its exit code is the answer.
 *
 *   look (running?) -> copy what it says, to the end of it -> it had ended before? done : again
 *          +-> daemon gone: wait until it is back ---------------------------------------^
 *
 * What it said is read once more after its end, and compared with what has been written: so nothing is
 * lost at the end, nor when a connection is lost and the container lives on (Docker's live-restore), nor
 * where the daemon left something out.
 */
import type { FileHandle } from 'node:fs/promises';

import type { Clock } from '../../../shared/base/clock.ts';
import { hasLabel, NodepoolError } from '../../../shared/base/errors.ts';
import type { Logger } from '../../../shared/base/log.ts';
import { onAbort, sleep, throwIfAborted } from '../../../shared/base/wait.ts';
import { toLog } from '../log-error.ts';
import { daemonError } from './daemon-error.ts';
import type { ContainerState, Daemon } from './daemon.ts';
import { FrameReader } from './frames.ts';

export interface FollowOptions {
  readonly daemon: Pick<Daemon, 'address' | 'state' | 'logs'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** The container's id. */
  readonly id: string;
  /** Open to read and to append: what it says goes to the end of it. Nobody else writes there. */
  readonly output: FileHandle;
}

/** A connection that hangs is not seen otherwise. */
const LOOK_MS = 30_000;
const RETRY_MS = 1000;
/** A daemon that is restarted, or whose machine is. */
const AWAY_MS = 300_000;
/** How a container ends with its daemon: SIGTERM, SIGKILL, or found dead when it starts again. */
const ENDED_WITH_DAEMON: readonly number[] = [143, 137, 255];

export class Follower {
  readonly #options: FollowOptions;
  /** Where in the file its first word is. */
  #start = 0;
  /** Bytes of what it said that are in the file. */
  #written = 0;
  #wasLost = false;
  /** Docker does not keep what is said between its end and that of the container. */
  #hasEndedUnheard = false;

  constructor(options: FollowOptions) {
    this.#options = options;
  }

  /** @throws NodepoolError NP_BUILD_RUNNER where the container or its daemon is gone. */
  async toEnd(signal: AbortSignal): Promise<number> {
    const { daemon, clock, id, output } = this.#options;
    this.#start = (await output.stat()).size;
    for (;;) {
      throwIfAborted(signal);
      try {
        const state = await daemon.state(id);
        const before = this.#written;
        await this.#copyUntilEnd(state.isRunning, signal);
        if (!state.isRunning) return await this.#endOf(state);
        // Else a daemon that cuts us off each time would keep us busy.
        if (this.#written === before) await sleep(clock, RETRY_MS, signal);
      } catch (error) {
        if (!hasLabel(error, 'unreachable')) throw error;
        await this.#untilBack(error, signal);
      }
    }
  }

  async #copyUntilEnd(isRunning: boolean, outer: AbortSignal): Promise<void> {
    const inner = new AbortController();
    const forget = onAbort(outer, () => {
      inner.abort(outer.reason);
    });
    const copying = this.#copy(isRunning, inner.signal);
    try {
      await Promise.race([copying, this.#watch(isRunning, inner.signal)]);
    } finally {
      forget();
      inner.abort();
      // No two may write at once.
      await copying.catch(() => undefined);
    }
  }

  async #copy(isLive: boolean, signal: AbortSignal): Promise<void> {
    const { daemon, id } = this.#options;
    const frames = new FrameReader(isLive ? this.#written : 0);
    const stream = await daemon.logs(id, isLive, signal);
    const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    let at = isLive ? this.#written : 0;
    for (;;) {
      const { value, done } = await nextOf(chunks, daemon.address);
      if (done) return;
      for (const piece of frames.read(value)) {
        await this.#put(piece, at);
        at += piece.length;
      }
    }
  }

  /** What the file has is left, up to where it is different. */
  async #put(piece: Buffer, at: number): Promise<void> {
    const { output } = this.#options;
    const known = Buffer.alloc(Math.max(0, Math.min(piece.length, this.#written - at)));
    if (known.length > 0) await output.read(known, 0, known.length, this.#start + at);
    const isSame = known.equals(piece.subarray(0, known.length));
    const rest = isSame ? piece.subarray(known.length) : piece;
    if (!isSame) {
      await output.truncate(this.#start + at);
      this.#written = at;
    }
    await toLog(output.appendFile(rest));
    this.#written += rest.length;
  }

  /** Ends when a container that ran does not; rejects when the daemon answers no more. */
  async #watch(isRunning: boolean, signal: AbortSignal): Promise<void> {
    const { clock, daemon, id } = this.#options;
    for (;;) {
      await sleep(clock, LOOK_MS, signal);
      const state = await daemon.state(id);
      if (isRunning && !state.isRunning) return;
    }
  }

  async #untilBack(cause: unknown, signal: AbortSignal): Promise<void> {
    const { daemon, clock, log, id } = this.#options;
    log.warn('the Docker daemon is gone in the middle of a build', { container: id, error: cause });
    this.#wasLost = true;
    const end = clock.monotonic() + AWAY_MS;
    for (;;) {
      await sleep(clock, RETRY_MS, signal);
      try {
        const state = await daemon.state(id);
        this.#hasEndedUnheard = !state.isRunning;
        log.info('the Docker daemon is back', { container: id });
        return;
      } catch (error) {
        if (!hasLabel(error, 'unreachable') || clock.monotonic() >= end) throw error;
      }
    }
  }

  async #endOf({ exitCode, isOutOfMemory }: ContainerState): Promise<number> {
    const { output, id } = this.#options;
    if (this.#wasLost && ENDED_WITH_DAEMON.includes(exitCode)) {
      const text = `container ${id} ended with its Docker daemon, which was stopped (exit code ${exitCode})`;
      throw new NodepoolError('NP_BUILD_RUNNER', text, {
        hint: 'With "live-restore" in the settings of the daemon, builds live through its restarts.',
      });
    }
    if (isOutOfMemory && exitCode !== 0)
      await output.appendFile('\nA process was killed: the memory of the container was used up.\n');
    if (this.#hasEndedUnheard)
      await output.appendFile(
        '\nThe Docker daemon was away at the end: last words may be missing.\n',
      );
    return exitCode;
  }
}

/** Errors of the stream are the daemon's; those of our file are not. */
async function nextOf(
  chunks: AsyncIterator<Buffer>,
  address: string,
): Promise<IteratorResult<Buffer, undefined>> {
  try {
    return (await chunks.next()) as IteratorResult<Buffer, undefined>;
  } catch (error) {
    throw daemonError(error, 'the container is not heard any more', address);
  }
}
