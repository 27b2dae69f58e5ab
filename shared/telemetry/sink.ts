/**
 * Where log text goes: standard output, standard error, or a file that logrotate may move away.
 *
 * Pipes and terminals are written through the process's own streams, which do not block; plain
 * files through the thread pool. A write that fails is reported to the caller as `false` and is no
 * reason to stop the program.
 */
import { closeSync, fstatSync, openSync, write, writeSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Clock } from '../base/clock.ts';
import { messageOf, NodepoolError } from '../base/errors.ts';

export type LogDestination = 'stdout' | 'stderr' | { readonly file: string };

export interface Sink {
  /** Whether the text was written; never rejects. */
  write(text: string): Promise<boolean>;
  /** The last words of a process that ends. */
  writeSync(text: string): void;
  close(): void;
}

/** How often it is looked whether the file was moved away. */
const MOVED_CHECK_MS = 1000;
/** Attempts to write the last words to a pipe that is full. */
const LAST_WORDS_ATTEMPTS = 20;

const DESCRIPTORS = { stdout: 1, stderr: 2 } as const;

const writeAsync = promisify(write);

/** @throws NodepoolError NP_LOG_FILE if the file cannot be opened. */
export function openSink(destination: LogDestination, clock: Clock): Sink {
  if (typeof destination === 'object') return new FileSink(destination.file, clock);
  const fd = DESCRIPTORS[destination];
  if (fstatSync(fd).isFile()) return new DescriptorSink(fd);
  return new StreamSink(process[destination], fd);
}

class StreamSink implements Sink {
  readonly #stream: NodeJS.WriteStream;
  readonly #fd: number;

  constructor(stream: NodeJS.WriteStream, fd: number) {
    this.#stream = stream;
    this.#fd = fd;
    // A reader that goes away (EPIPE) must not end the daemon.
    stream.on('error', ignore);
  }

  write(text: string): Promise<boolean> {
    return new Promise((resolve) => {
      this.#stream.write(text, (error) => {
        resolve(!error);
      });
    });
  }

  writeSync(text: string): void {
    writeLastWords(this.#fd, text);
  }

  close(): void {
    this.#stream.off('error', ignore);
  }
}

function ignore(): void {
  // The callback of the write has the error.
}

class DescriptorSink implements Sink {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(text: string): Promise<boolean> {
    return writeAll(this.#fd, text);
  }

  writeSync(text: string): void {
    writeLastWords(this.#fd, text);
  }

  close(): void {
    // Standard output belongs to the process.
  }
}

class FileSink implements Sink {
  readonly #path: string;
  readonly #clock: Clock;
  #fd: number;
  #checkedAt: number;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
    this.#checkedAt = clock.monotonic();
    try {
      this.#fd = openSync(path, 'a');
    } catch (error) {
      throw new NodepoolError(
        'NP_LOG_FILE',
        `cannot write the log file ${path}: ${messageOf(error)}`,
        { cause: error },
      );
    }
  }

  async write(text: string): Promise<boolean> {
    if (this.#clock.monotonic() - this.#checkedAt >= MOVED_CHECK_MS) await this.#reopenIfMoved();
    return writeAll(this.#fd, text);
  }

  writeSync(text: string): void {
    writeLastWords(this.#fd, text);
  }

  close(): void {
    closeSync(this.#fd);
  }

  async #reopenIfMoved(): Promise<void> {
    this.#checkedAt = this.#clock.monotonic();
    const open = fstatSync(this.#fd);
    const named = await stat(this.#path).catch(() => undefined);
    if (named?.ino === open.ino && named.dev === open.dev) return;
    try {
      const fd = openSync(this.#path, 'a');
      closeSync(this.#fd);
      this.#fd = fd;
    } catch {
      // The old file takes the lines until the new one can be opened.
    }
  }
}

async function writeAll(fd: number, text: string): Promise<boolean> {
  try {
    let rest = Buffer.from(text);
    while (rest.length > 0) {
      const { bytesWritten } = await writeAsync(fd, rest);
      rest = rest.subarray(bytesWritten);
    }
    return true;
  } catch {
    return false;
  }
}

function writeLastWords(fd: number, text: string): void {
  let rest = Buffer.from(text);
  for (let attempt = 0; attempt < LAST_WORDS_ATTEMPTS && rest.length > 0; attempt++) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      // The pipe is full: give its reader a moment, in the only way that is left at exit.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}
