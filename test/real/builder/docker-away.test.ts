/** The Docker daemon dies under a build, or is not there: builds wait for it, uploads do not. */
import assert from 'node:assert/strict';
import { IMAGE, Ground, realThingsOrSkip, stopRealThings, type RealThings } from './ground.ts';
import { Docker } from './docker.ts';
import { leftovers } from './leftovers.ts';
import { Moments } from './moments.ts';

describe('a builder whose Docker daemon is away', function () {
  this.timeout(1_200_000);
  let things: RealThings;
  let docker: Docker | undefined;
  let ground: Ground;
  before(async function () {
    things = await realThingsOrSkip(this);
    docker = await Docker.private();
    await things.docker.copyImageTo(docker);
    // Not so that containers live through a restart.
    await docker.restart(false);
    ground = await Ground.make({ ...things, docker });
  });
  after(async () => {
    await ground.drop();
    await docker?.stop();
    await stopRealThings();
  });

  const said = async (words: RegExp, from: number): Promise<void> =>
    ground.until(async () => {
      assert.match(await ground.log(from), words);
    });

  it('builds anew after the daemon died under a build', async () => {
    await ground.configure({ environment: { TINY_SLEEP: '5' } });
    const builder = await ground.start();
    await new Moments(ground).untilIn('in diskimage-builder');
    await docker?.restart(false);
    await said(/build failed.*ended with its Docker daemon/, 0);
    await ground.untilSettled();
    await ground.until(async () => {
      assert.deepEqual(await leftovers(ground), []);
    });
    assert.equal(ground.builds().length, 1);
    assert.equal(await builder.stop(), 0);
  });

  it('uploads while there is no daemon, and builds when there is one', async () => {
    const [upload] = ground.uploads('one');
    assert.ok(upload);
    const { build, id } = upload;
    const builds = `/nodepool/images/${IMAGE}/builds`;
    const path = `${builds}/${build}/providers/one/images/${id}`;
    await docker?.restart(false, async () => {
      const from = (await ground.log()).length;
      const builder = await ground.start();
      await said(/no Docker daemon answers/, from);
      const record = { state: 'deleting', external_id: upload.external_id };
      await ground.client.set(path, Buffer.from(JSON.stringify(record)));
      await ground.client.ensurePath(`/nodepool/images/${IMAGE}/request-build`);
      await ground.until(() => {
        const [now] = ground.uploads('one').filter(({ state }) => state === 'ready');
        assert.ok(now !== undefined && now.id !== id);
      });
      assert.ok(builder.isRunning);
      assert.equal(ground.builds().length, 1);
    });
    await ground.until(() => {
      assert.ok(!ground.store.isRequested(IMAGE));
      assert.equal(ground.builds().length, 2);
    });
    await ground.untilSettled();
    await ground.until(async () => {
      assert.deepEqual(await leftovers(ground), []);
    });
  });
});
