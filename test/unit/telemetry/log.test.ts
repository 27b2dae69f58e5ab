import assert from 'node:assert/strict';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../../shared/base/clock.ts';
import { createLogger, type LogLevel } from '../../../shared/telemetry/log.ts';
import type { Sink } from '../../../shared/telemetry/sink.ts';

/** A sink whose writes end when the test says so. */
class HeldSink implements Sink {
  text = '';
  isHeld = false;
  isFailing = false;
  #release: (() => void) | undefined;

  write(text: string): Promise<boolean> {
    if (this.isFailing) return Promise.resolve(false);
    this.text += text;
    if (!this.isHeld) return Promise.resolve(true);
    return new Promise((resolve) => {
      this.#release = () => {
        resolve(true);
      };
    });
  }

  release(): void {
    this.isHeld = false;
    this.#release?.();
  }

  writeSync(text: string): void {
    this.text += text;
  }

  close(): void {
    // Nothing is open.
  }
}

class HandClock implements Clock {
  time = 0;
  #timers: { at: number; fn: () => void }[] = [];

  now(): number {
    return this.time;
  }

  monotonic(): number {
    return this.time;
  }

  after(ms: number, fn: () => void): () => void {
    const timer = { at: this.time + ms, fn };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  pass(ms: number): void {
    this.time += ms;
    const due = this.#timers.filter(({ at }) => at <= this.time);
    this.#timers = this.#timers.filter(({ at }) => at > this.time);
    for (const { fn } of due) fn();
  }
}

function messages(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { msg: string }).msg);
}

describe('a logger', () => {
  it('writes its level and those above it', async () => {
    const sink = new HeldSink();
    const log = createLogger({ format: 'json', level: 'warning', destination: sink });
    log.logger.debug('d');
    log.logger.info('i');
    log.logger.warn('w');
    log.logger.error('e');
    await log.flush();
    assert.deepEqual(messages(sink.text), ['w', 'e']);
  });

  it('takes the level of the nearest name above its own', async () => {
    const sink = new HeldSink();
    const levels = new Map<string, LogLevel | 'off'>([
      ['nodepool.driver', 'debug'],
      ['nodepool.driver.fake', 'error'],
      ['nodepool.zk', 'off'],
    ]);
    const log = createLogger({ format: 'json', levels, destination: sink });
    for (const name of ['nodepool.driver.aws', 'nodepool.driver.fake', 'nodepool.drivers'])
      log.logger.named(name).debug(name);
    log.logger.named('nodepool.zk.ZooKeeper').error('never');
    await log.flush();
    assert.deepEqual(messages(sink.text), ['nodepool.driver.aws']);
  });

  it('adds the fields of with() to each line; later ones win', async () => {
    const sink = new HeldSink();
    const log = createLogger({ format: 'json', destination: sink });
    log.logger.with({ node: '1', pool: 'a' }).with({ pool: 'b' }).info('x', { node: '2' });
    await log.flush();
    const line = JSON.parse(sink.text) as Record<string, unknown>;
    assert.equal(line.node, '2');
    assert.equal(line.pool, 'b');
  });

  it('drops lines while its reader is too slow, and says how many', async () => {
    const sink = new HeldSink();
    sink.isHeld = true;
    const log = createLogger({ format: 'json', destination: sink });
    log.logger.info('first');
    const flushed = log.flush();
    const long = 'x'.repeat(8000);
    for (let i = 0; i < 1000; i++) log.logger.info('filler', { long });
    sink.release();
    await flushed;
    await log.flush();
    const lines = messages(sink.text);
    assert.equal(lines.at(-1), 'log lines were lost: their reader is too slow or the disk is full');
    const { count } = JSON.parse(sink.text.trimEnd().split('\n').at(-1) ?? '') as { count: number };
    assert.ok(count > 100);
    assert.equal(lines.filter((line) => line === 'filler').length + count, 1000);
  });

  it('goes on after a write that failed, and counts what was lost', async () => {
    const sink = new HeldSink();
    const log = createLogger({ format: 'json', destination: sink });
    sink.isFailing = true;
    log.logger.info('one');
    log.logger.info('two');
    await log.flush();
    sink.isFailing = false;
    log.logger.info('three');
    await log.flush();
    assert.match(sink.text, /three[\s\S]*"count":2/);
  });

  it('gives a flush up when nobody reads', async () => {
    const sink = new HeldSink();
    sink.isHeld = true;
    const clock = new HandClock();
    const log = createLogger({ format: 'json', destination: sink, clock });
    log.logger.info('x');
    const flushed = log.flush();
    clock.pass(1000);
    await flushed;
  });

  it('writes in batches after a moment, without being told', () => {
    const sink = new HeldSink();
    const clock = new HandClock();
    const log = createLogger({ format: 'json', destination: sink, clock });
    log.logger.info('one');
    log.logger.info('two');
    assert.equal(sink.text, '');
    clock.pass(100);
    assert.deepEqual(messages(sink.text), ['one', 'two']);
  });
});

describe('a log file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nodepool-log-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is appended to, and made anew when logrotate has moved it', async () => {
    const file = join(folder, 'nodepool.log');
    const clock = new HandClock();
    const log = createLogger({ destination: { file }, clock });
    log.logger.info('before');
    await log.flush();
    await rename(file, `${file}.1`);
    clock.pass(1000);
    log.logger.info('after');
    await log.close();
    assert.match(await readFile(`${file}.1`, 'utf8'), /before\n$/);
    assert.match(await readFile(file, 'utf8'), /^[^\n]*after\n$/);
  });

  it('that cannot be opened is an error with a code', () => {
    assert.throws(() => createLogger({ destination: { file: join(folder, 'no', 'x.log') } }), {
      code: 'NP_LOG_FILE',
    });
  });
});
