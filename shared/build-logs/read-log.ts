/**
 * Reads the log of a build from the disk, to its end of now or along with the build that writes it.
 *
 * A piece at a time and only when it is taken: a slow reader holds a file and one piece, nothing more.
 * Bytes go through as they are. A log that is deleted meanwhile ends with what it had.
 */
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

import type { Clock } from '../base/clock.ts';
import { sleep } from '../base/wait.ts';
import { tailOffset } from './tail.ts';
import { Wake } from './wake.ts';

/** The build that writes the log. */
export interface LogWriter {
  /** Whether more may come. */
  readonly isWriting: () => boolean;
  /** Calls back when that has changed, or the log has come to be; the answer ends it. */
  readonly onChange: (listener: () => void) => () => void;
}

export interface ReadLogOptions {
  readonly path: string;
  /** Where to begin: at a byte, or with the last lines. A place that is not there yet is waited for. */
  readonly from: { readonly offset: number } | { readonly tailLines: number };
  /** Undefined: to the end of now. Else also what is not there yet is waited for. */
  readonly writer: LogWriter | undefined;
  readonly clock: Clock;
  /** Ends the reading, which is no error. */
  readonly signal: AbortSignal;
}

const PIECE_BYTES = 65_536;
/** A log that grows all the time is looked at so often: each look costs each reader a read. */
const PACE_MS = 100;

/** A log that is being read: to be closed, whether or not a piece was taken. */
export interface OpenLog {
  readonly pieces: AsyncIterable<Buffer>;
  close(): Promise<void>;
}

/** Undefined: there is no such log, and none is awaited. */
export async function openLog(options: ReadLogOptions): Promise<OpenLog | undefined> {
  const { path, writer, clock } = options;
  const opened = await openFile(path);
  if (opened === undefined && !writer?.isWriting()) return undefined;
  const wake = new Wake(clock);
  const forget = writer?.onChange(wake.now);
  let file = opened;
  async function* read(): AsyncGenerator<Buffer> {
    file ??= await untilOpened(options, wake);
    if (file === undefined) return;
    if (writer !== undefined) wake.watch(path);
    yield* pieces(file, options, wake);
  }
  return {
    pieces: read(),
    close: async () => {
      forget?.();
      wake.close();
      await file?.close();
    },
  };
}

async function* pieces(
  file: FileHandle,
  { from, writer, clock, signal }: ReadLogOptions,
  wake: Wake,
): AsyncGenerator<Buffer> {
  let at = 'offset' in from ? from.offset : await tailOffset(file, from.tailLines);
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    // Asked before the look, so that what was written last is seen.
    const isWriting = writer?.isWriting() ?? false;
    const { bytesRead } = await file.read(piece, 0, PIECE_BYTES, at);
    at += bytesRead;
    if (bytesRead > 0) yield Buffer.from(piece.subarray(0, bytesRead));
    else if (!isWriting || isOver() || (await isDeleted(file))) return;
    else await nextLook(wake, clock, signal);
  }
}

/** Undefined: it never comes. */
async function untilOpened(
  { path, writer, signal }: ReadLogOptions,
  wake: Wake,
): Promise<FileHandle | undefined> {
  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    const isAwaited = writer?.isWriting() === true;
    const file = await openFile(path);
    // Nobody closes what is opened after the end.
    if (isOver()) await file?.close();
    else if (file !== undefined || !isAwaited) return file;
    else await wake.next(signal);
  }
  return undefined;
}

async function nextLook(wake: Wake, clock: Clock, signal: AbortSignal): Promise<void> {
  const lookedAt = clock.monotonic();
  await wake.next(signal);
  const tooEarlyMs = lookedAt + PACE_MS - clock.monotonic();
  if (tooEarlyMs > 0 && !signal.aborted)
    await sleep(clock, tooEarlyMs, signal).catch(() => undefined);
}

/** Undefined: there is none, or it is not a plain file. Nothing that is linked from elsewhere. */
async function openFile(path: string): Promise<FileHandle | undefined> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  let file: FileHandle;
  try {
    // A pipe would be waited for, else.
    file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENXIO') return undefined;
    throw error;
  }
  if ((await file.stat()).isFile()) return file;
  await file.close();
  return undefined;
}

async function isDeleted(file: FileHandle): Promise<boolean> {
  return (await file.stat()).nlink === 0;
}
