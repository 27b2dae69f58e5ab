/**
 * Collects lines and writes them in batches, one write under way at a time.
 *
 * The program never waits for its log: what does not fit into the buffer is counted and dropped,
 * and the count is logged as soon as writing works again. What is still buffered is written when
 * the process ends, except after SIGKILL.
 */
import type { Clock } from '../base/clock.ts';
import type { Sink } from './sink.ts';

export interface BufferedOutputOptions {
  readonly sink: Sink;
  readonly clock: Clock;
  /** The line that says how many were dropped. */
  readonly lostLine: (count: number) => string;
  /** Characters that may wait. Default 4 Mi. */
  readonly maxPending?: number;
}

/** Lines wait so long for company; below what a person notices. */
const BATCH_MS = 100;
/** A batch of this many characters goes out without waiting. */
const BATCH_CHARS = 65_536;
/** How long flush() waits for a reader that does not read. */
const FLUSH_DEADLINE_MS = 1000;

export class BufferedOutput {
  readonly #options: BufferedOutputOptions;
  readonly #maxPending: number;
  #pending = '';
  #inFlight = 0;
  #lost = 0;
  #cancelTimer: (() => void) | undefined;
  #writing: Promise<void> | undefined;
  #isClosed = false;
  readonly #onExit = (): void => {
    this.#flushSync();
  };

  constructor(options: BufferedOutputOptions) {
    this.#options = options;
    this.#maxPending = options.maxPending ?? 4 * 1024 * 1024;
    process.on('exit', this.#onExit);
  }

  write(line: string): void {
    if (this.#isClosed) return;
    if (this.#pending.length + this.#inFlight + line.length > this.#maxPending) {
      this.#lost++;
      return;
    }
    this.#pending += line;
    if (this.#writing !== undefined) return;
    if (this.#pending.length >= BATCH_CHARS) this.#start();
    else
      this.#cancelTimer ??= this.#options.clock.after(BATCH_MS, () => {
        this.#start();
      });
  }

  async flush(): Promise<void> {
    this.#start();
    if (this.#writing === undefined) return;
    let cancel = (): void => undefined;
    const deadline = new Promise<void>((resolve) => {
      cancel = this.#options.clock.after(FLUSH_DEADLINE_MS, resolve);
    });
    await Promise.race([this.#writing, deadline]);
    cancel();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    await this.flush();
    this.#isClosed = true;
    process.off('exit', this.#onExit);
    this.#options.sink.close();
  }

  #start(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#writing === undefined && (this.#pending !== '' || this.#lost > 0))
      this.#writing = this.#drain();
  }

  async #drain(): Promise<void> {
    const { sink, lostLine } = this.#options;
    while (this.#pending !== '' || this.#lost > 0) {
      const lost = this.#lost;
      const batch = this.#pending + (lost > 0 ? lostLine(lost) : '');
      const lines = countLines(this.#pending);
      this.#pending = '';
      this.#lost = 0;
      this.#inFlight = batch.length;
      const isWritten = await sink.write(batch);
      this.#inFlight = 0;
      if (!isWritten) {
        // Told at the next write that works; none is tried before there is a next line.
        this.#lost = this.#lost + lost + lines;
        if (this.#pending === '') break;
      }
    }
    this.#writing = undefined;
  }

  #flushSync(): void {
    if (this.#pending !== '') this.#options.sink.writeSync(this.#pending);
    this.#pending = '';
  }
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
