/**
 * A file on its way to a cloud that takes it in segments, several at once:
 *
 *   read in order (checksums on the way) -> send -> acknowledged: counts as progress
 *                                            |-> failed `retryable`: a pause, then this segment again
 *                                            +-> anything else ends it all
 *
 * So a connection that breaks costs the segments that were on their way, not the file. Each of the
 * `atOnce` workers holds one segment: memory does not grow with the file.
 */
import { open, type FileHandle } from 'node:fs/promises';

import type { Clock } from '../base/clock.ts';
import { CloudError, hasLabel } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { joinSignals, sleep, throwIfAborted, withDeadline } from '../base/wait.ts';
import { SlowDownError } from './calls.ts';
import { RunningChecksums, type SentChecksums } from './image-file.ts';
import { Patience } from './patience.ts';

/** For one sending of one segment. */
const ATTEMPT_SECONDS = 60;
/** An upload of an hour is not given up for a service that is restarted. */
const PATIENCE = { mostFailures: 8, unreachableMs: 180_000 };
/** Being asked for patience is no failure, but it must end. */
const MOST_SLOW_DOWNS = 50;
const FIRST_PAUSE_MS = 200;
const MOST_PAUSE_MS = 10_000;

export interface Segment {
  /** From 0. */
  readonly index: number;
  /** Of its first byte in the file. */
  readonly offset: number;
  /** The last segment of a file may be shorter than the others. Nobody else writes to it. */
  readonly bytes: Uint8Array;
}

export interface SegmentsOptions {
  /** Path of the file. */
  readonly file: string;
  readonly segmentBytes: number;
  /** Segments that are on their way at the same time; so many are in memory. */
  readonly atOnce: number;
  /**
   * Sends one and resolves when it is acknowledged. May be called again with the same segment, also
   * when an earlier call took effect.
   */
  readonly send: (segment: Segment, signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  /** A number in [0, 1), to spread repetitions. */
  readonly random: () => number;
  readonly log: Logger;
  /** For one sending of one segment. Default 60. */
  readonly attemptSeconds?: number;
  /** Is told of the bytes that have been acknowledged so far, and of the file's size. */
  readonly onProgress?: ((sentBytes: number, totalBytes: number) => void) | undefined;
}

/** What was sent. */
export interface SentFile {
  readonly segments: number;
  readonly bytes: number;
  readonly checksums: SentChecksums;
}

/**
 * Resolves when all is acknowledged. Rejects with the first failure that no repetition would change,
 * or with the signal's reason; no sending goes on then, as far as `send` listens to its signal.
 */
export async function sendSegments(
  options: SegmentsOptions,
  signal: AbortSignal,
): Promise<SentFile> {
  throwIfAborted(signal);
  const handle = await open(options.file, 'r');
  try {
    const { size } = await handle.stat();
    return await new Sending(options, new SegmentReader(handle, size, options.segmentBytes)).run(
      signal,
    );
  } finally {
    await handle.close();
  }
}

/** Reads a file's segments, each one once, in order, whoever asks. */
class SegmentReader {
  readonly #handle: FileHandle;
  readonly #segmentBytes: number;
  readonly #running = new RunningChecksums();
  readonly bytes: number;
  #next = 0;
  #reading: Promise<unknown> = Promise.resolve();

  constructor(handle: FileHandle, bytes: number, segmentBytes: number) {
    this.#handle = handle;
    this.bytes = bytes;
    this.#segmentBytes = segmentBytes;
  }

  /** Undefined: there are no more. */
  next(): Promise<Segment | undefined> {
    const reading = this.#reading.then(() => this.#read());
    this.#reading = reading.catch(() => undefined);
    return reading;
  }

  /** When all is read. */
  sent(): SentFile {
    return { segments: this.#next, bytes: this.bytes, checksums: this.#running.digest() };
  }

  async #read(): Promise<Segment | undefined> {
    const index = this.#next;
    const offset = index * this.#segmentBytes;
    if (offset >= this.bytes) return undefined;
    const bytes = Buffer.allocUnsafe(Math.min(this.#segmentBytes, this.bytes - offset));
    for (let filled = 0; filled < bytes.length;) {
      const rest = bytes.length - filled;
      const { bytesRead } = await this.#handle.read(bytes, filled, rest, offset + filled);
      if (bytesRead === 0)
        throw new CloudError('NP_CLOUD_FATAL', 'the file became shorter while it was sent');
      filled += bytesRead;
    }
    this.#running.add(bytes);
    this.#next++;
    return { index, offset, bytes };
  }
}

class Sending {
  readonly #options: SegmentsOptions;
  readonly #reader: SegmentReader;
  #acknowledged = 0;
  /** On the clock's monotonic scale: nobody sends before, since the cloud asked for patience. */
  #quietUntilMs = -Infinity;

  constructor(options: SegmentsOptions, reader: SegmentReader) {
    this.#options = options;
    this.#reader = reader;
  }

  async run(signal: AbortSignal): Promise<SentFile> {
    const failed = new AbortController();
    const joined = joinSignals([signal, failed.signal]);
    const workers = Array.from({ length: this.#options.atOnce }, async () => {
      try {
        await this.#work(joined.signal);
      } catch (error) {
        failed.abort(error);
        throw error;
      }
    });
    try {
      await Promise.allSettled(workers);
      throwIfAborted(signal);
      // Of the first worker that failed; the others ended for it.
      if (failed.signal.aborted) throw failed.signal.reason;
      return this.#reader.sent();
    } finally {
      joined.dispose();
    }
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (;;) {
      throwIfAborted(signal);
      const segment = await this.#reader.next();
      if (segment === undefined) return;
      await this.#untilAcknowledged(segment, signal);
      this.#acknowledged += segment.bytes.length;
      this.#options.onProgress?.(this.#acknowledged, this.#reader.bytes);
    }
  }

  async #untilAcknowledged(segment: Segment, signal: AbortSignal): Promise<void> {
    const { clock, random, log } = this.#options;
    const patience = new Patience({ ...PATIENCE, clock });
    let slowDowns = 0;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MOST_PAUSE_MS)) {
      try {
        await this.#whileQuiet(signal);
        await this.#attempt(segment, signal);
        return;
      } catch (error) {
        throwIfAborted(signal);
        if (error instanceof SlowDownError) {
          if (++slowDowns > MOST_SLOW_DOWNS) throw error;
          const untilMs = clock.monotonic() + error.forMs;
          this.#quietUntilMs = Math.max(this.#quietUntilMs, untilMs);
        } else if (!hasLabel(error, 'retryable') || patience.endsWith(error)) throw error;
        log.debug('segment is sent again', { segment: segment.index, error });
        await sleep(clock, pauseMs * (0.5 + random()), signal);
      }
    }
  }

  async #whileQuiet(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    // Others may be told to wait longer meanwhile.
    for (let ms; (ms = this.#quietUntilMs - clock.monotonic()) > 0;) await sleep(clock, ms, signal);
  }

  #attempt(segment: Segment, signal: AbortSignal): Promise<void> {
    const { clock, send, attemptSeconds = ATTEMPT_SECONDS } = this.#options;
    const error = (): Error =>
      new CloudError('NP_CLOUD_TRANSIENT', `segment not taken within ${attemptSeconds} s`, {
        labels: ['retryable', 'ambiguous'],
      });
    return withDeadline({ clock, ms: attemptSeconds * 1000, signal, error }, (inner) =>
      send(segment, inner),
    );
  }
}
