/**
 * The builder dies at any moment, thirty times: when it has run again for a while, nothing is half done,
 * nothing is left, and what is others' is as it was.
 */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { seededRandom } from '../../../shared/drivers/fake/faults.ts';
import type { Rest } from '../openstack/rest.ts';
import type { Resource } from '../openstack/tenant.ts';
import { Ground, IMAGE, realThingsOrSkip, stopRealThings, type RealThings } from './ground.ts';
import { leftovers } from './leftovers.ts';
import { LENGTHS, Moments, PHASES, type Phase } from './moments.ts';

const KILLS = Number(process.env.NODEPOOL_KILLS ?? 30);
const SEED = Number(process.env.NODEPOOL_SEED ?? 6);
const MIB = 2 ** 20;
const FILES = ['backup-2024.raw', `${IMAGE}-notes.raw`, `${IMAGE}-0123456789abcdef.raw`, 'keep.d'];

describe('a builder that is killed', function () {
  this.timeout(3_600_000);
  let things: RealThings;
  before(async function () {
    things = await realThingsOrSkip(this);
  });
  after(stopRealThings);

  it(`leaves nothing of what it did at ${KILLS} moments, and nobody else's is touched`, async () => {
    const ground = await Ground.make(things);
    const { admin } = things.services;
    const look = await makeForeign(admin, { visibility: 'public', nodepool_provider_name: 'one' });
    try {
      await slowDown(ground);
      const foreign = { files: FILES, images: await makeAllForeign(ground) };
      const kills = await killOften(ground);
      console.log(`      seed ${SEED}; killed in ${kills}`);
      // No more builds than one, if that.
      await ground.configure({ image: { 'rebuild-age': 86_400 } });
      const builder = await ground.start();
      await ground.untilSettled();
      await ground.until(async () => {
        assert.deepEqual(await leftovers(ground, foreign), []);
      });
      assert.ok(builder.isRunning);
      assert.equal(await builder.stop(), 0);
      assert.deepEqual(await leftovers(ground, foreign), []);
      await admin.get('image', `/images/${look}`);
    } finally {
      await admin.remove('image', `/images/${look}`);
      await ground.drop();
    }
  });
});

/** Answers what was going on at the kills, in words. */
async function killOften(ground: Ground): Promise<string> {
  const random = seededRandom(SEED);
  const counts = new Map<Phase, number>();
  await ground.configure({ image: { 'rebuild-age': 1 }, environment: { TINY_SLEEP: '2' } });
  for (const phase of phasesToKillIn(random)) {
    const moments = new Moments(ground);
    const builder = await ground.start();
    await moments.untilIn(phase);
    await pause(random() * LENGTHS[phase]);
    assert.ok(builder.isRunning, `ended by itself: ${await builder.tail()}`);
    builder.kill('SIGKILL');
    await builder.ended;
    const now = phase === 'start' ? [phase] : await moments.now();
    for (const one of now) counts.set(one, (counts.get(one) ?? 0) + 1);
  }
  return PHASES.map((phase) => `${phase}: ${counts.get(phase) ?? 0}`).join(', ');
}

/** Each as often as the others, in no order. */
function phasesToKillIn(random: () => number): Phase[] {
  const all = Array.from({ length: KILLS }, (_, n) => PHASES[n % PHASES.length] ?? 'start');
  return all
    .map((phase) => ({ phase, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ phase }) => phase);
}

/** So that each phase takes long enough to be hit. */
async function slowDown(ground: Ground): Promise<void> {
  await ground.setHookSeconds(1.5);
  for (const { faults } of Object.values(ground.proxies)) {
    const image = { service: 'image', route: '/images/ID' };
    faults.add({ ...image, method: 'DELETE', fault: { kind: 'delay', ms: 1500 } });
    const file = { ...image, route: '/images/ID/file', method: 'PUT' };
    faults.add({ ...file, fault: { kind: 'slow', bytesPerSecond: 12 * MIB } });
    const creation = { ...image, route: '/images', method: 'POST' };
    faults.add({ ...creation, fault: { kind: 'delay', ms: 300 } });
  }
}

/** Files without a build's id, and images that look like ours. Answers the images' ids. */
async function makeAllForeign({ imagesDir, tenant }: Ground): Promise<string[]> {
  for (const name of FILES)
    if (name.endsWith('.d')) await mkdir(join(imagesDir, name));
    else await writeFile(join(imagesDir, name), 'precious');
  return [
    await makeForeign(tenant.rest, { nodepool_provider_name: 'one' }),
    await makeForeign(tenant.rest, { nodepool_provider_name: 'other' }),
    await makeForeign(tenant.rest, {}),
  ];
}

/** Of a build that ours is not. Answers its id. */
async function makeForeign(rest: Rest, more: object): Promise<string> {
  const { id } = (await rest.call('image', 'POST', '/images', {
    ...{ name: `${IMAGE}-1700000000`, disk_format: 'raw', container_format: 'bare' },
    ...{ nodepool_build_id: 'f'.repeat(32), nodepool_upload_id: '0000000001' },
    ...more,
  })) as Resource;
  await rest.call('image', 'PUT', `/images/${id}/file`, Buffer.alloc(1024));
  return id;
}
