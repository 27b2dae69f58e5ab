/**
 * The program's logger: levels by name as in Python's logging, one output, never waiting for it.
 *
 * Written by hand rather than on pino: the text format, redaction by key, rotation and the bound on
 * a slow reader would all be ours on top of it, while it costs 8 MiB of memory at import and three
 * times the time a line (docs/decisions/0006-own-log.md).
 */
import { systemClock, type Clock } from '../base/clock.ts';
import type { LogFields, Logger } from '../base/log.ts';
import { BufferedOutput } from './buffered-output.ts';
import { lineOf, type LogFormat, type LogLevel } from './line.ts';
import { openSink, type LogDestination, type Sink } from './sink.ts';

export type { LogDestination, LogFormat, LogLevel };

export interface LogOptions {
  /** Default `text`. */
  readonly format?: LogFormat;
  /** The lowest level that is written. Default `info`. */
  readonly level?: LogLevel;
  /** Levels by logger name; each holds for the names below it as well, the longest match wins. */
  readonly levels?: ReadonlyMap<string, LogLevel | 'off'>;
  /** Default standard output. */
  readonly destination?: LogDestination | Sink;
  readonly clock?: Clock;
}

export interface Log {
  /** Named `nodepool`. */
  readonly logger: Logger;
  /** Resolves when all that was logged so far has been written, or given up after a second. */
  flush(): Promise<void>;
  /** Flushes and lets go of the output; later lines are lost. */
  close(): Promise<void>;
}

/** @throws NodepoolError NP_LOG_FILE if the file cannot be opened. */
export function createLogger(options: LogOptions = {}): Log {
  const clock = options.clock ?? systemClock;
  const format = options.format ?? 'text';
  const destination = options.destination ?? 'stdout';
  const sink =
    typeof destination === 'object' && 'write' in destination
      ? destination
      : openSink(destination, clock);
  const output = new BufferedOutput({
    sink,
    clock,
    lostLine: (count) =>
      lineOf(format, {
        timeMs: clock.now(),
        level: 'warning',
        name: 'nodepool.log',
        message: 'log lines were lost: their reader is too slow or the disk is full',
        fields: { count },
        withStack: false,
      }),
  });
  const context: Context = {
    format,
    clock,
    output,
    level: options.level ?? 'info',
    levels: options.levels ?? new Map(),
  };
  return {
    logger: new NamedLogger(context, 'nodepool', {}),
    flush: () => output.flush(),
    close: () => output.close(),
  };
}

interface Context {
  readonly format: LogFormat;
  readonly clock: Clock;
  readonly output: BufferedOutput;
  readonly level: LogLevel;
  readonly levels: ReadonlyMap<string, LogLevel | 'off'>;
}

const RANK = { debug: 10, info: 20, warning: 30, error: 40, off: 100 } as const;

class NamedLogger implements Logger {
  readonly #context: Context;
  readonly #name: string;
  readonly #fields: LogFields;
  readonly #rank: number;

  constructor(context: Context, name: string, fields: LogFields, rank?: number) {
    this.#context = context;
    this.#name = name;
    this.#fields = fields;
    this.#rank = rank ?? RANK[levelOf(context, name)];
  }

  debug(message: string, fields?: LogFields): void {
    if (this.#rank <= RANK.debug) this.#write('debug', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    if (this.#rank <= RANK.info) this.#write('info', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    if (this.#rank <= RANK.warning) this.#write('warning', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    if (this.#rank <= RANK.error) this.#write('error', message, fields);
  }

  with(fields: LogFields): Logger {
    return new NamedLogger(this.#context, this.#name, { ...this.#fields, ...fields }, this.#rank);
  }

  named(name: string): Logger {
    return new NamedLogger(this.#context, name, this.#fields);
  }

  #write(level: LogLevel, message: string, fields: LogFields | undefined): void {
    const { format, clock, output } = this.#context;
    const entry = {
      timeMs: clock.now(),
      level,
      name: this.#name,
      message,
      fields: fields === undefined ? this.#fields : { ...this.#fields, ...fields },
      withStack: this.#rank <= RANK.debug,
    };
    output.write(lineOf(format, entry));
  }
}

/** The level of the longest configured name that is the name or stands above it. */
function levelOf(context: Context, name: string): LogLevel | 'off' {
  if (context.levels.size === 0) return context.level;
  for (let end = name.length; end > 0; end = name.lastIndexOf('.', end - 1)) {
    const level = context.levels.get(name.slice(0, end));
    if (level !== undefined) return level;
  }
  return context.level;
}
