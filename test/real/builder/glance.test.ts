/** Glance fails in the middle of an upload, in each way it can: the upload is begun anew and arrives. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunningDaemon } from '../../../fixtures/processes/daemon.ts';
import type { Fault } from '../../../fixtures/proxy/http-faults.ts';
import { Ground, IMAGE, realThingsOrSkip, stopRealThings, type RealThings } from './ground.ts';
import { leftovers } from './leftovers.ts';

/** The call that carries the data. */
const SENDING = { service: 'image', method: 'PUT', route: '/images/ID/file' } as const;
const DELETION = { service: 'image', method: 'DELETE', route: '/images/ID' } as const;
const TIMEOUT_SECONDS = 15;
const CLEANING = { 'image-upload-timeout': TIMEOUT_SECONDS };
const REFUSALS = [500, 503, 413] as const;

describe('a builder before a glance that fails', function () {
  this.timeout(1_800_000);
  let things: RealThings;
  let ground: Ground;
  let builder: RunningDaemon;
  let half: number;

  before(async function () {
    things = await realThingsOrSkip(this);
    ground = await Ground.make(things);
  });
  after(async () => {
    await ground.drop();
    await stopRealThings();
  });
  afterEach(() => {
    ground.proxies.one.faults.clear();
  });

  const ready = (provider: string): string[] =>
    ground
      .uploads(provider)
      .flatMap(({ state, external_id: id }) => (state === 'ready' ? [id ?? ''] : []));

  /** The upload to the provider `one` goes, and is missing again. */
  const uploadAnew = async (): Promise<string> => {
    const [upload] = ground.uploads('one');
    assert.ok(upload);
    const { build, id, external_id: old } = upload;
    const path = `/nodepool/images/${IMAGE}/builds/${build}/providers/one/images/${id}`;
    const { data } = await ground.client.get(path);
    const record = JSON.parse(Buffer.from(data).toString()) as object;
    await ground.client.set(path, Buffer.from(JSON.stringify({ ...record, state: 'deleting' })));
    return old ?? '';
  };

  /** Until there is another one, whole, and nothing is left of those that failed. */
  const untilArrived = async (old: string): Promise<void> => {
    await ground.until(() => {
      const [now, ...others] = ready('one');
      assert.ok(now !== undefined && now !== old && others.length === 0);
    });
    await ground.until(async () => {
      assert.deepEqual(await leftovers(ground), []);
    });
    const [build] = ground.builds();
    const file = await readFile(join(ground.imagesDir, `${IMAGE}-${build?.id ?? ''}.raw`));
    const md5 = createHash('md5').update(file).digest('hex');
    for (const image of await ground.cloudImages()) assert.equal(image.checksum, md5);
    assert.ok(builder.isRunning);
  };

  it('uploads to the other provider meanwhile', async () => {
    await ground.configure({ provider: CLEANING });
    const reset = ground.proxies.one.faults.add({
      ...SENDING,
      fault: { kind: 'cut', afterBytes: 2 ** 20 },
    });
    builder = await ground.start();
    await ground.until(() => {
      assert.equal(ready('two').length, 1);
      assert.ok(reset.struck > 0);
    });
    assert.deepEqual(ready('one'), []);
    ground.proxies.one.faults.clear();
    await untilArrived('');
    const [build] = ground.builds();
    half = (await stat(join(ground.imagesDir, `${IMAGE}-${build?.id ?? ''}.raw`))).size / 2;
  });

  const strikes = async (fault: Fault, says: RegExp): Promise<void> => {
    const from = (await ground.log()).length;
    const added = ground.proxies.one.faults.add({ ...SENDING, fault, times: 1 });
    const old = await uploadAnew();
    await untilArrived(old);
    assert.equal(added.struck, 1);
    const failed = (await ground.log(from))
      .split('\n')
      .filter((line) => line.includes('upload failed'));
    assert.equal(failed.length, 1, failed.join('\n'));
    assert.match(failed[0] ?? '', says);
  };

  it('begins anew where the connection breaks in the middle', () =>
    strikes({ kind: 'cut', afterBytes: half }, /provider=one/));

  for (const status of REFUSALS)
    it(`begins anew where the data is refused with ${status}`, () =>
      strikes({ kind: 'status', status }, new RegExp(String(status))));

  it('sends the data once more where something else is going on with the image', async () => {
    const { faults } = ground.proxies.one;
    const conflict = faults.add({ ...SENDING, fault: { kind: 'status', status: 409 }, times: 1 });
    const old = await uploadAnew();
    await untilArrived(old);
    assert.equal(conflict.struck, 1);
  });

  it('begins anew where glance takes nothing more', () =>
    strikes({ kind: 'stall', afterBytes: half }, /not uploaded within 15 s/));

  it('arrives though all tokens are revoked in the middle', async () => {
    const slow = { kind: 'slow', bytesPerSecond: half / 3 } as const;
    ground.proxies.one.faults.add({ ...SENDING, fault: slow, times: 1 });
    const old = await uploadAnew();
    await ground.until(() => {
      assert.ok(ground.uploads('one').some(({ state }) => state === 'uploading'));
    });
    await ground.tenant.revokeTokens();
    await untilArrived(old);
  });

  it('leaves no image where what failed cannot be deleted at once', async () => {
    const { faults } = ground.proxies.one;
    const from = (await ground.log()).length;
    faults.add({ ...SENDING, fault: { kind: 'cut', afterBytes: half }, times: 1 });
    const refused = faults.add({ ...DELETION, fault: { kind: 'status', status: 403 } });
    const old = await uploadAnew();
    await ground.until(async () => {
      assert.match(await ground.log(from), /image of a failed upload remains/);
      assert.match(await ground.log(from), /cleaning failed; tried again/);
    });
    refused.remove();
    await untilArrived(old);
  });

  it('ends in order', async () => {
    assert.equal(await builder.stop(), 0);
    assert.deepEqual(await leftovers(ground), []);
  });
});
