/**
 * Sends logs to readers of the web, so many at a time. A piece is read when the reader has taken the
 * one before; a reader that takes nothing for ten minutes is gone.
 */
import type { FastifyReply } from 'fastify';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { Clock } from '../../shared/base/clock.ts';
import { messageOf } from '../../shared/base/errors.ts';
import type { Logger } from '../../shared/base/log.ts';
import { sleep } from '../../shared/base/wait.ts';
import { openLog, type OpenLog, type ReadLogOptions } from '../../shared/build-logs/read-log.ts';

/** Each holds a file, a connection, and a watch while it follows. */
export const MOST_READERS = 64;
const STALLED_MS = 600_000;
/** The last words of builds that end with the builder are short. */
const DRAIN_MS = 2000;
/** Of the network: a reader whose machine vanished without a word is noticed. */
const PROBE_MS = 60_000;

const HEADERS = {
  'Content-Type': 'text/plain; charset=UTF-8',
  // Whatever a build has written there, it is no page.
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
  Connection: 'close',
};

export interface LogSending {
  readonly reply: FastifyReply;
  readonly log: Pick<ReadLogOptions, 'path' | 'from' | 'writer'>;
  readonly headers: Readonly<Record<string, string>>;
}

export class LogReaders {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #sending = new Set<Promise<boolean>>();

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
  }

  get isFull(): boolean {
    return this.#sending.size >= MOST_READERS;
  }

  /** Resolves when all have what there was for them, or after a while. */
  async drain(): Promise<void> {
    const waited = new AbortController();
    const patience = sleep(this.#clock, DRAIN_MS, waited.signal).catch(() => undefined);
    await Promise.race([Promise.allSettled(this.#sending), patience]);
    waited.abort();
  }

  /** False: there is no such log. Else it has been sent, or the reader has gone. */
  async send(job: LogSending): Promise<boolean> {
    const sending = this.#send(job);
    this.#sending.add(sending);
    try {
      return await sending;
    } finally {
      this.#sending.delete(sending);
    }
  }

  async #send({ reply, log: options, headers }: LogSending): Promise<boolean> {
    const gone = new AbortController();
    const end = (): void => {
      gone.abort(new Error('the reader has gone'));
    };
    const { raw } = reply;
    raw.once('close', end);
    let log: OpenLog | undefined;
    try {
      log = await openLog({ ...options, clock: this.#clock, signal: gone.signal });
      if (log === undefined) return false;
      reply.hijack();
      // No word from a build for a while is nothing wrong.
      raw.socket?.setTimeout(0).setKeepAlive(true, PROBE_MS);
      raw.writeHead(200, { ...HEADERS, ...headers }).flushHeaders();
      const source = Readable.from(this.#whileTaken(log.pieces, raw), { objectMode: false });
      await pipeline(source, raw).catch((error: unknown) => {
        this.#log.debug('a log was not read to its end', { reason: messageOf(error) });
      });
      return true;
    } finally {
      end();
      raw.off('close', end);
      await log?.close();
    }
  }

  async *#whileTaken(pieces: AsyncIterable<Buffer>, raw: ServerResponse): AsyncGenerator<Buffer> {
    for await (const piece of pieces) {
      const cancel = this.#clock.after(STALLED_MS, () => {
        raw.destroy(new Error('the reader takes nothing'));
      });
      try {
        yield piece;
      } finally {
        cancel();
      }
    }
  }
}
