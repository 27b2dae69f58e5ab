import assert from 'node:assert/strict';
import { appendFileSync, readFileSync } from 'node:fs';
import { appendFile, mkdtemp, open, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';

import { TestWriter, WaitedClock } from './writer.ts';
import { systemClock, type Clock } from '../../../shared/base/clock.ts';
import { openLog, type OpenLog, type ReadLogOptions } from '../../../shared/build-logs/read-log.ts';
import { tailOffset } from '../../../shared/build-logs/tail.ts';

/** A clock whose longer timers never fire. */
const withoutNet: Clock = {
  now: () => systemClock.now(),
  monotonic: () => systemClock.monotonic(),
  after: (ms, fn) => (ms < 1000 ? systemClock.after(ms, fn) : () => undefined),
};

describe('reading the log of a build', () => {
  let folder: string;
  let path: string;
  let writer: TestWriter;
  let gone: AbortController;
  const opened: OpenLog[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'read-log-'));
    path = join(folder, 'a.log');
    writer = new TestWriter();
    gone = new AbortController();
  });
  afterEach(async () => {
    gone.abort();
    for (const one of opened.splice(0)) await one.close();
    await rm(folder, { recursive: true });
  });

  async function start(options: Partial<ReadLogOptions> = {}): Promise<OpenLog | undefined> {
    const log = await openLog({
      ...{ path, from: { offset: 0 }, writer: undefined, clock: systemClock, signal: gone.signal },
      ...options,
    });
    if (log !== undefined) opened.push(log);
    return log;
  }

  async function all(options: Partial<ReadLogOptions> = {}): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of (await start(options))?.pieces ?? []) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** Reads until so many bytes have come. */
  async function take(pieces: AsyncIterator<Buffer>, bytes: number): Promise<string> {
    let text = '';
    while (text.length < bytes) {
      const next = await pieces.next();
      if (next.done === true) throw new Error(`it ended after ${text}`);
      text += next.value.toString('latin1');
    }
    return text;
  }

  it('gives every byte as it is', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, n) => (n % 251) ^ (n % 7)));
    await writeFile(path, bytes);
    assert.ok((await all()).equals(bytes));
    assert.ok((await all({ from: { offset: 123_456 } })).equals(bytes.subarray(123_456)));
    assert.equal((await all({ from: { offset: Number.MAX_SAFE_INTEGER } })).length, 0);
  });

  it('begins with the last lines', async () => {
    await writeFile(path, 'one\ntwo\r\nthree\n');
    const tail = async (lines: number) => String(await all({ from: { tailLines: lines } }));
    assert.equal(await tail(0), '');
    assert.equal(await tail(1), 'three\n');
    assert.equal(await tail(2), 'two\r\nthree\n');
    assert.equal(await tail(9), 'one\ntwo\r\nthree\n');
    await appendFile(path, 'half');
    assert.equal(await tail(2), 'three\nhalf');
  });

  it('finds the last lines of any text, as long as its blocks or longer', async () => {
    const piece = fc.oneof(
      fc.constant('\n'),
      fc.constant('word'),
      fc.integer({ min: 0, max: 70_000 }).map((length) => 'x'.repeat(length)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), fc.nat(14), async (parts, lines) => {
        const text = parts.join('');
        await writeFile(path, text);
        const file = await open(path);
        const offset = await tailOffset(file, lines).finally(() => file.close());
        const all = text.split(/(?<=\n)/);
        const expected = lines === 0 ? '' : all.slice(-lines).join('');
        assert.equal(text.slice(offset), expected);
      }),
      { numRuns: 200 },
    );
  });

  it('is undefined where there is no plain file and none is awaited', async () => {
    assert.equal(await start(), undefined);
    assert.equal(await start({ writer: writer.ended() }), undefined);
    await symlink('/etc/passwd', path);
    assert.equal(await start(), undefined, 'no link is followed');
    assert.equal(await start({ path: folder }), undefined, 'a folder is no log');
  });

  it('goes on with what is written, and ends when the build has ended', async () => {
    await writeFile(path, 'one\n');
    const pieces = (await start({ writer, clock: withoutNet }))?.pieces[Symbol.asyncIterator]();
    assert.ok(pieces);
    assert.equal(await take(pieces, 4), 'one\n');
    const next = take(pieces, 4);
    await appendFile(path, 'two\n');
    assert.equal(await next, 'two\n');
    const last = take(pieces, 5);
    await appendFile(path, 'last\n');
    writer.end();
    assert.equal(await last, 'last\n');
    assert.equal((await pieces.next()).done, true);
    assert.equal(writer.listeners, 1);
    await opened[0]?.close();
    assert.equal(writer.listeners, 0);
  });

  it('loses nothing of what is written at the very end', async () => {
    await writeFile(path, '');
    const own = new TestWriter().ended();
    const isWriting = (): boolean => {
      // Just before it tells that it has ended.
      if (readFileSync(path).length === 0) appendFileSync(path, 'last words\n');
      return own.isWriting();
    };
    const reading = all({ writer: { isWriting, onChange: own.onChange } });
    assert.equal(String(await reading), 'last words\n');
  });

  it('waits for a log that has yet to be made, and for a place that is not there yet', async () => {
    const pieces = (await start({ writer, from: { offset: 4 } }))?.pieces[Symbol.asyncIterator]();
    assert.ok(pieces);
    const first = take(pieces, 4);
    await writeFile(path, 'one\n');
    writer.tell();
    await appendFile(path, 'two\n');
    assert.equal(await first, 'two\n');
  });

  it('ends when a build that was awaited makes no log', async () => {
    const reading = all({ writer });
    writer.end();
    assert.equal((await reading).length, 0);
  });

  it('ends when the log is deleted, with all that it had', async () => {
    await writeFile(path, 'one\n');
    const pieces = (await start({ writer }))?.pieces[Symbol.asyncIterator]();
    assert.ok(pieces);
    assert.equal(await take(pieces, 4), 'one\n');
    const end = pieces.next();
    await unlink(path);
    assert.equal((await end).done, true);
  });

  it('ends at once when nobody reads any more, and leaves nothing open', async () => {
    await writeFile(path, 'one\n');
    const log = await start({ writer });
    const pieces = log?.pieces[Symbol.asyncIterator]();
    assert.ok(pieces);
    assert.equal(await take(pieces, 4), 'one\n');
    const end = pieces.next();
    gone.abort();
    assert.equal((await end).done, true);
    await log?.close();
    assert.equal(writer.listeners, 0);
  });

  it('looks again now and then where the system tells of no change', async () => {
    const clock = new WaitedClock();
    await writeFile(path, 'one\n');
    const log = await start({ writer, clock });
    const pieces = log?.pieces[Symbol.asyncIterator]();
    assert.ok(pieces);
    assert.equal(await take(pieces, 4), 'one\n');
    const end = pieces.next();
    await clock.untilWaiting();
    // Nobody tells of the end: the net finds it.
    writer.endSilently();
    await clock.advance(2000);
    assert.equal((await end).done, true);
  });
});
