/** Each call of an upload goes wrong once, in each way, behind Microsoft's clients. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';

import type { Fault } from '../../../../fixtures/azure-cloud/faults.ts';
import { LOCATION } from '../../../../fixtures/azure-cloud/ground.ts';
import { settle } from '../../../../fixtures/clock.ts';
import type { ProviderImage } from '../../../../schemas/config/model.ts';
import { AzureImageStore } from '../../../../shared/drivers/azure/image-store.ts';
import { Skus } from '../../../../shared/drivers/azure/skus.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { never, servicesSubject } from './services.ts';
import { vhdBytes } from '../../../support/vhd-file.ts';

const NAME = 'debian-1700000000';
const TAGS = { nodepool_provider_name: 'azure', nodepool_build_id: '7', nodepool_upload_id: '1' };
/** Two segments, the footer in the second. */
const BYTES = vhdBytes(5, { 1: 1, 4: 2 });

const TROUBLES: Readonly<Record<string, Omit<Fault, 'call'>>> = {
  fails: { mode: 'fail', status: 500 },
  'is refused': { mode: 'fail', status: 403, code: 'AuthorizationFailed' },
  'is in the way of another': { mode: 'fail', status: 409, code: 'Conflict' },
  hangs: { mode: 'hang' },
  'loses its answer': { mode: 'lose' },
  'is cut off': { mode: 'reset' },
  'is one too many': { mode: 'throttle', retryAfterSeconds: 5 },
};

describe('an upload to azure', () => {
  let folder = '';
  let file = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'azure-upload-'));
    file = join(folder, 'image.vhd');
    await writeFile(file, BYTES);
  });
  after(() => rm(folder, { recursive: true }));

  /** `strike`: is told of each call, in order, before it is made. */
  async function run(strike: (call: string, index: number) => Omit<Fault, 'call'> | undefined) {
    const { clock, cloud, services, log, lines, isBusy } = await servicesSubject({
      minUploadBytes: 1024,
    });
    let index = 0;
    const calls: string[] = [];
    cloud.onCall = (call) => {
      if (call === 'POST token') return;
      calls.push(call);
      const fault = strike(call, index++);
      if (fault !== undefined) cloud.arm({ ...fault, call });
    };
    const skus = new Skus({ limits: services.limits, location: LOCATION, clock });
    const store = new AzureImageStore({
      ...{ services, skus, location: LOCATION, clock, log, random: () => 0.5 },
    });
    const image = { name: 'debian', options: { tags: {} } } as unknown as ProviderImage;
    const upload = store.upload(
      { name: NAME, image, file, metadata: TAGS, checksums: {} },
      never(),
    );
    const outcome = await settleByTurning(clock, upload, isBusy).catch((error: unknown) => error);
    // A deletion that was begun goes on after its answer.
    await clock.advance(5000);
    await settle();
    const done = [...calls];
    assert.equal(cloud.armed, 0);
    const stored = cloud.images.all().find(({ name }) => name === NAME);
    return { clock, cloud, store, outcome, stored, calls: done, lines };
  }

  let clean: readonly string[] = [];
  before(async () => {
    const { outcome, stored, cloud, calls } = await run(() => undefined);
    assert.equal(outcome, NAME);
    assert.ok(stored?.data?.equals(BYTES));
    assert.deepEqual([cloud.counts.disks, cloud.counts.images], [0, 1]);
    clean = calls;
  });

  for (const [what, fault] of Object.entries(TROUBLES))
    it(`succeeds or leaves nothing where a call ${what}, whichever it is`, async () => {
      const kept: string[] = [];
      for (const [struck, name] of clean.entries()) {
        const { clock, cloud, store, outcome, stored, lines } = await run((call, index) =>
          index === struck ? fault : undefined,
        );
        const where = `call ${struck}, ${name}: ${inspect(outcome)}`;
        if (outcome === NAME) {
          assert.equal(stored?.state, 'Succeeded', where);
          assert.ok(stored.data?.equals(BYTES), where);
          kept.push(name);
        } else assert.equal(cloud.counts.images, 0, where);
        // The disk of an image whose upload may not delete it goes with the image.
        const remains = outcome === NAME && isRefusal(fault) && name === 'DELETE disks/*' ? 1 : 0;
        assert.equal(cloud.counts.disks, remains, where);
        const said = inspect([outcome, lines], { depth: 9 });
        assert.ok(!/sig=|blob\.storage[^'\s]*\?/.test(said), said);
        await settleByTurning(clock, store.delete(NAME, never()));
        await clock.advance(5000);
        assert.deepEqual([cloud.counts.disks, cloud.counts.images], [0, 0], where);
      }
      // Only what Azure refuses for good may end an upload.
      if (!isRefusal(fault)) assert.deepEqual(kept, clean);
    }).timeout(60_000);
});

function isRefusal({ status }: Omit<Fault, 'call'>): boolean {
  return status === 403;
}
