/** Disk images through IBM's library to moto's S3, whole and in trouble. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';

import type { Fault } from '../../../fixtures/proxy/http-faults.ts';
import { hasCode } from '../../../shared/base/errors.ts';
import { motoOrSkip } from '../aws/moto.ts';
import { Desk } from './desk.ts';

const never = new AbortController().signal;
const PART = 8 << 20;
/** Four parts, the last one short. */
const BYTES = randomBytes(3 * PART + 1000);
const PARTS = 4;
const NOTHING = { objects: 0, uploads: 0 };

describe('objects of disk images in a real S3', function () {
  this.timeout(180_000);
  let desk: Desk;
  beforeEach(async function () {
    desk = await Desk.open(await motoOrSkip(this));
  });
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- skipped
  afterEach(() => desk?.close());

  const own = () => desk.cloud.images.images.all().filter(({ isVendors }) => !isVendors);
  const parts = (): number => desk.proxy.counts()['storage PUT ?partNumber'] ?? 0;

  it('arrive whole, part by part, and go when they are imported', async () => {
    const store = await desk.store();
    const told: number[] = [];
    const onProgress = (sent: number): void => {
      told.push(sent);
    };
    const id = await store.upload(await desk.wish(BYTES, { onProgress }), never);
    assert.deepEqual(
      own().map((image) => image.id),
      [id],
    );
    assert.ok(own()[0]?.data?.equals(BYTES));
    assert.equal(parts(), PARTS);
    assert.equal(told.at(-1), BYTES.length);
    assert.deepEqual(await desk.left(), NOTHING);
    await store.delete(id, never);
    assert.deepEqual(own(), []);
  });

  it('may be small', async () => {
    const store = await desk.store();
    await store.upload(await desk.wish(Buffer.from('QFI')), never);
    assert.equal(own()[0]?.data?.toString(), 'QFI');
    assert.deepEqual(await desk.left(), NOTHING);
  });

  const faults: readonly Fault[] = [
    { kind: 'status', status: 500 },
    { kind: 'status', status: 403 },
    { kind: 'status', status: 503, headers: { 'retry-after': '1' } },
    { kind: 'reset' },
    { kind: 'lost-answer' },
    { kind: 'hang' },
    { kind: 'cut', afterBytes: 100_000 },
    { kind: 'stall', afterBytes: 100_000 },
  ];
  for (const fault of faults)
    it(`are sent again where a part ends so: ${inspect(fault)}`, async () => {
      const store = await desk.store();
      const rule = desk.proxy.faults.add({
        ...{ fault, service: 'storage', method: 'PUT', route: '?partNumber', times: 1 },
      });
      await store.upload(await desk.wish(BYTES), never);
      assert.equal(rule.struck, 1);
      assert.ok(own()[0]?.data?.equals(BYTES));
      assert.deepEqual(await desk.left(), NOTHING);
    });

  for (const [what, method, route] of [
    ['where the bucket is', 'GET', '?location'],
    ['the beginning', 'POST', '?uploads'],
    ['the end', 'POST', '?uploadId'],
    ['the deletion', 'DELETE', ''],
  ] as const)
    for (const kind of ['reset', 'lost-answer', 'hang'] as const)
      it(`arrive though ${what} goes wrong once: ${kind}`, async () => {
        const store = await desk.store();
        const fault = { kind };
        const rule = desk.proxy.faults.add({
          ...{ fault, service: 'storage', method, route, times: 1 },
        });
        await store.upload(await desk.wish(BYTES), never);
        assert.equal(rule.struck, 1);
        assert.ok(own()[0]?.data?.equals(BYTES));
        assert.deepEqual(await desk.left(), NOTHING);
      });

  it('are taken back where the file is not the one that was built', async () => {
    const store = await desk.store();
    const wish = await desk.wish(BYTES, { checksums: { sha256: '00' } });
    await assert.rejects(store.upload(wish, never), (error) => hasCode(error, 'NP_CLOUD_FATAL'));
    assert.deepEqual([await desk.left(), own()], [NOTHING, []]);
  });

  it('are taken back where the upload is broken off', async () => {
    const store = await desk.store();
    const stop = new AbortController();
    const onProgress = (): void => {
      stop.abort(new Error('stopped'));
    };
    const wish = await desk.wish(BYTES, { onProgress });
    const failing = store.upload(wish, stop.signal);
    await assert.rejects(failing, (error) => hasCode(error, 'NP_ABORTED'));
    assert.deepEqual([await desk.left(), own()], [NOTHING, []]);
  });

  it('that are left are listed with their tags, and can be deleted', async () => {
    const store = await desk.store();
    const wish = await desk.wish(BYTES);
    desk.proxy.faults.add({
      fault: { kind: 'status', status: 400 },
      method: 'POST',
      route: '?uploadId',
    });
    const stays = desk.proxy.faults.add({
      fault: { kind: 'status', status: 400 },
      method: 'DELETE',
    });
    await assert.rejects(store.upload(wish, never));
    assert.ok(stays.struck > 0);
    assert.deepEqual(await desk.left(), { objects: 0, uploads: 1 });
    desk.proxy.faults.clear();
    const listed = (await store.list(never)).filter(
      ({ metadata }) => metadata.nodepool_provider_name === 'ibm',
    );
    assert.deepEqual(
      listed.map(({ metadata }) => metadata),
      [wish.metadata],
    );
    for (const { externalId } of listed) await store.delete(externalId, never);
    assert.deepEqual(await desk.left(), NOTHING);
  });
});
