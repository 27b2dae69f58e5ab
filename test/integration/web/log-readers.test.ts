/** Readers of logs that take nothing any more. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startBuilderWeb } from '../../../builder/web/server.ts';
import { ManualClock } from '../../../fixtures/clock.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import type { WebServer } from '../../../shared/web/app.ts';
import { eventually } from '../../support/eventually.ts';
import { HttpReader } from '../../support/http-reader.ts';

const BUILD = 'a'.repeat(32);
/** More than all buffers on the way hold. */
const BYTES = 64 * 1024 ** 2;

describe('a reader of a log', () => {
  let folder: string;
  let clock: ManualClock;
  let web: WebServer;
  let path: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'log-readers-'));
    path = join(folder, `debian-${BUILD}.log`);
    await writeFile(path, Buffer.alloc(BYTES, 'x'));
    clock = new ManualClock();
    web = await startBuilderWeb({
      ...{ address: '127.0.0.1', port: 0, clock, log: silentLogger },
      source: {
        ...{ host: 'h', logFolder: folder, isReady: () => true, builds: () => [] },
        uploads: () => [],
        writerOf: () => ({ isWriting: () => false, onChange: () => () => undefined }),
      },
    });
  });
  after(async () => {
    await web.close();
    await rm(folder, { recursive: true });
  });

  const open = (options = {}): Promise<HttpReader> =>
    HttpReader.open(`http://127.0.0.1:${web.port}/build-log/debian/${BUILD}`, options);

  /** A piece waits to be taken, and not for a moment only. */
  async function untilStalled(): Promise<void> {
    let looks = 0;
    await eventually(() => {
      looks = clock.pending === 1 ? looks + 1 : 0;
      return looks >= 20;
    });
  }

  it('that takes nothing for ten minutes is cut off, and holds little memory until then', async () => {
    const before = process.memoryUsage();
    const reader = await open({ isIdle: true });
    await untilStalled();
    await clock.advance(599_000);
    const { external, arrayBuffers } = process.memoryUsage();
    assert.ok(external + arrayBuffers - before.external - before.arrayBuffers < BYTES / 4);
    assert.equal(reader.end, undefined);
    await clock.advance(1000);
    reader.resume();
    await reader.untilEnd();
    assert.equal(reader.end, 'torn');
    assert.ok(reader.bytes.length < BYTES);
    await eventually(() => clock.pending === 0);
  });

  it('that is slow gets all of it', async () => {
    const reader = await open({ isIdle: true });
    await untilStalled();
    await clock.advance(500_000);
    reader.resume();
    await reader.untilEnd();
    assert.deepEqual([reader.end, reader.bytes.length], ['whole', BYTES]);
  });
});
