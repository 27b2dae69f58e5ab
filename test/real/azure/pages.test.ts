/** Pages of a disk image through Microsoft's client to a real Azurite, whole and in trouble. */
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { Fault } from '../../../fixtures/proxy/http-faults.ts';
import { hasCode } from '../../../shared/base/errors.ts';
import { eventually } from '../../support/eventually.ts';
import { vhdBytes } from '../../support/vhd-file.ts';
import { Azurite } from './azurite.ts';
import { Desk, NAME } from './desk.ts';

const MIB = 1 << 20;
const never = new AbortController().signal;
/** 40 MiB in 10 segments and the footer's; so many of them have something to write. */
const FILLED = Object.fromEntries([0, 1, 4, 9, 17, 21, 22, 38].map((at) => [at, at + 1]));
const SEGMENTS = new Set(Object.keys(FILLED).map((at) => Math.floor(Number(at) / 4)));
const BYTES = vhdBytes(40, FILLED);
const PAGES = SEGMENTS.size + 1;

describe('pages of a disk image at a real Azurite', function () {
  this.timeout(120_000);
  let azurite: Azurite;
  let desk: Desk;
  before(async function () {
    const found = await Azurite.start();
    if (found === undefined) {
      console.log('      skipped: no shared tools with Azurite');
      return this.skip();
    }
    azurite = found;
  });
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- skipped
  after(() => azurite?.stop());
  beforeEach(async () => {
    desk = await Desk.open(azurite);
  });
  afterEach(async () => {
    await desk.close();
    assert.ok(!hasAddress(desk.lines), 'an address to write to in the log');
  });

  /** Of the image that the upload has made; nothing else is left. */
  const stored = async (): Promise<Buffer | undefined> => {
    await eventually(() => {
      assert.equal(desk.cloud.counts.disks, 0);
    });
    return desk.cloud.images.all()[0]?.data;
  };

  it('are all there in the end; what is zero is not sent', async () => {
    const store = await desk.store();
    const told: number[] = [];
    const onProgress = (sent: number): void => {
      told.push(sent);
    };
    assert.equal(await store.upload(await desk.wish(BYTES, { onProgress }), never), NAME);
    assert.ok((await stored())?.equals(BYTES));
    assert.equal(desk.writes, PAGES);
    const written = (await desk.written()).reduce((sum, [, bytes]) => sum + bytes, 0);
    assert.equal(written, SEGMENTS.size * 4 * MIB + 512);
    assert.equal(told.at(-1), BYTES.length);
    assert.deepEqual(
      told,
      told.toSorted((a, b) => a - b),
    );
  });

  const faults: readonly Fault[] = [
    { kind: 'status', status: 500 },
    { kind: 'status', status: 503, headers: { 'retry-after': '1' } },
    { kind: 'reset' },
    { kind: 'lost-answer' },
    { kind: 'hang' },
    { kind: 'cut', afterBytes: 100_000 },
    { kind: 'stall', afterBytes: 100_000 },
  ];
  for (const fault of faults)
    it(`are sent again where calls end so: ${inspect(fault)}`, async () => {
      const store = await desk.store();
      const rule = desk.proxy.faults.add({ fault, service: 'blob', method: 'PUT', times: 3 });
      assert.equal(await store.upload(await desk.wish(BYTES), never), NAME);
      assert.equal(rule.struck, 3);
      assert.match(desk.lines.join('\n'), /segment is sent again/);
      assert.equal(desk.writes, PAGES + 3);
      assert.ok((await stored())?.equals(BYTES));
    });

  it('are sent again, whatever happens to a third of them', async () => {
    const store = await desk.store();
    for (const fault of faults)
      desk.proxy.faults.add({ fault, service: 'blob', method: 'PUT', chance: 0.07 });
    assert.equal(await store.upload(await desk.wish(BYTES), never), NAME);
    assert.ok((await stored())?.equals(BYTES));
  });

  it('go on with a new address where the old one is over', async () => {
    const store = await desk.store();
    desk.addressSeconds = 3;
    // Ten at once take four seconds; the others come after that.
    desk.proxy.faults.add({
      ...{ fault: { kind: 'slow', bytesPerSecond: MIB }, service: 'blob', method: 'PUT' },
      times: 10,
    });
    const bytes = vhdBytes(64, Object.fromEntries([...Array(16).keys()].map((at) => [at * 4, 1])));
    const upload = store.upload(await desk.wish(bytes), never);
    await eventually(() => {
      assert.ok(desk.writes > 10);
    }, 30_000);
    desk.addressSeconds = 3600;
    assert.equal(await upload, NAME);
    assert.ok((await stored())?.equals(bytes));
    assert.ok(desk.lines.some((line) => line.includes('write access to the disk is asked for')));
  });

  it('that nobody takes end the upload, and nothing is left', async () => {
    const store = await desk.store();
    const fault = { kind: 'status', status: 403 } as const;
    desk.proxy.faults.add({ fault, service: 'blob', method: 'PUT' });
    await assert.rejects(store.upload(await desk.wish(BYTES), never), (error) => {
      assert.ok(!hasAddress(error));
      return hasCode(error, 'NP_CLOUD_FATAL');
    });
    assert.equal(await stored(), undefined);
  });

  it('stop with an abort, and nothing is left', async () => {
    const store = await desk.store();
    const controller = new AbortController();
    const onProgress = (sent: number): void => {
      if (sent > 0) controller.abort();
    };
    const wish = await desk.wish(BYTES, { onProgress });
    await assert.rejects(store.upload(wish, controller.signal), { code: 'NP_ABORTED' });
    assert.equal(await stored(), undefined);
    const { writes } = desk;
    assert.ok(writes < PAGES, `${writes} of ${PAGES}`);
  });
});

function hasAddress(anything: unknown): boolean {
  return /sig=|[?&]se=/.test(inspect(anything, { depth: 12, maxArrayLength: Infinity }));
}
