/**
 * How far running builds are, as their logs tell. Each look reads on from where the last one ended.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { unlessMissing } from '../../shared/base/unless-missing.ts';
import { FailureReader, type Step } from '../../shared/build-logs/failure.ts';
import { buildLogName } from '../../shared/build-logs/names.ts';
import type { BuildKey } from '../../shared/store/paths.ts';

export interface LogProgress {
  readonly sizeBytes: number;
  readonly step: Step | undefined;
}

/** A longer line is no line that tells of a script. */
const MOST_LINE = 10_000;
const NOTHING: LogProgress = { sizeBytes: 0, step: undefined };

interface Reading {
  readonly reader: FailureReader;
  /** Up to here it has been read. */
  offset: number;
  /** The begin of a line whose end was not there yet. */
  rest: string;
  /** The look that runs, or the last one. */
  look: Promise<LogProgress>;
}

export class LogProgresses {
  readonly #folder: string;
  readonly #readings = new Map<string, Reading>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** In the order of the builds; those that are asked for no more are forgotten. */
  async of(builds: readonly BuildKey[]): Promise<LogProgress[]> {
    const ids = new Set(builds.map(({ build }) => build));
    for (const id of this.#readings.keys()) if (!ids.has(id)) this.#readings.delete(id);
    return Promise.all(builds.map((key) => this.#look(key)));
  }

  /** One after the other for each build, since each goes on where the one before ended. */
  #look(key: BuildKey): Promise<LogProgress> {
    let reading = this.#readings.get(key.build);
    if (reading === undefined) {
      const look = Promise.resolve(NOTHING);
      reading = { reader: new FailureReader(), offset: 0, rest: '', look };
      this.#readings.set(key.build, reading);
    }
    const own = reading;
    const next = (): Promise<LogProgress> => this.#read(key, own);
    own.look = own.look.then(next, next);
    return own.look;
  }

  async #read(key: BuildKey, reading: Reading): Promise<LogProgress> {
    const path = join(this.#folder, buildLogName(key));
    const size = (await unlessMissing(stat(path)))?.size;
    if (size === undefined) return NOTHING;
    if (size > reading.offset) {
      // The bytes of one letter may be torn apart: lines about scripts have none such.
      const input = createReadStream(path, {
        ...{ encoding: 'latin1', start: reading.offset, end: size - 1 },
      });
      for await (const piece of input as AsyncIterable<string>) take(reading, piece);
    }
    return { sizeBytes: size, step: reading.reader.step };
  }
}

function take(reading: Reading, piece: string): void {
  reading.offset += piece.length;
  const lines = (reading.rest + piece).split('\n');
  reading.rest = (lines.pop() ?? '').slice(0, MOST_LINE);
  for (const line of lines) reading.reader.line(line.slice(0, MOST_LINE));
}
