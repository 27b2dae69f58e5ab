/**
 * Python's builder is replaced by ours and ours by Python's, with the same folders: builds, uploads and
 * files of the one before are the own ones, and nothing is built or uploaded again.
 */
import assert from 'node:assert/strict';
import { builderProgram } from '../../../fixtures/builder/start.ts';
import { startZooKeeper, type RunningZooKeeper } from '../../../fixtures/zookeeper/start.ts';
import { eventually } from '../../support/eventually.ts';
import { peersOrSkip, type Peers } from '../../support/peers.ts';
import { BuildersSite, PROVIDERS } from './site.ts';

const IMAGES = ['debian', 'ubuntu'] as const;
const PATIENCE_MS = 90_000;
const POLL_MS = 100;
const ENDS = ['d', 'qcow2', 'qcow2.md5', 'qcow2.sha256'];

describe('a builder that takes the place of another', function () {
  this.timeout(240_000);
  let peers: Peers;
  let zookeeper: RunningZooKeeper;

  before(async function () {
    peers = await peersOrSkip(this, { needsLauncher: true });
    assert.ok(builderProgram());
    zookeeper = await startZooKeeper({ mode: 'both', tickMs: 500 });
  });
  after(async () => {
    // Nothing was started where the whole was skipped.
    await (zookeeper as RunningZooKeeper | undefined)?.stop();
  });

  it('goes on with what it finds: Python’s, ours, Python’s', async () => {
    const site = await BuildersSite.open({ peers, zookeeper, images: IMAGES });
    await site.play(async () => {
      const [debian, ubuntu] = IMAGES;
      const first = await site.start('python', 'one');
      await untilThere(site, { debian: 1, ubuntu: 1 });
      await request(site, [debian, ubuntu], { debian: 2, ubuntu: 2 });
      first.kill('SIGINT');
      await first.ended;
      const id = await site.builderId('one');

      const second = await site.start('ours', 'one');
      // The third build takes the first one away, which is Python's.
      await request(site, [debian], { debian: 3, ubuntu: 2 });
      await request(site, [ubuntu], { debian: 3, ubuntu: 3 });
      assert.equal(await second.stop(), 0);

      await site.start('python', 'one');
      await request(site, [debian], { debian: 4, ubuntu: 3 });
      await request(site, [debian], { debian: 5, ubuntu: 3 });
      const ids = site.book.builds().map(({ versions }) => versions[0]?.builder_id);
      assert.deepEqual([...new Set(ids)], [id]);
      assert.equal((await site.runs()).length, 8);
      assert.equal(site.created.length, 8 * PROVIDERS.length);
      // Python's does not wait for its uploaders when it stops, and they complain.
      assert.deepEqual(await site.complaints('builder.log'), []);
    });
  });
});

async function request(
  site: BuildersSite,
  images: readonly string[],
  counts: Readonly<Record<string, number>>,
): Promise<void> {
  for (const image of images) await site.touch(`${image}/request-build`);
  await untilThere(site, counts);
}

/**
 * So many builds there have been, and the newest two of each image are there with all that belongs to
 * them: files, uploads, images in the cloud. Of the others nothing is.
 */
async function untilThere(
  site: BuildersSite,
  counts: Readonly<Record<string, number>>,
): Promise<void> {
  await eventually(
    async () => {
      const kept = IMAGES.flatMap((image) => {
        const all = site.book.builds(image);
        assert.equal(all.length, counts[image], image);
        assert.ok(!site.store.isRequested(image), image);
        return all.slice(-2);
      });
      for (const { versions } of kept) assert.equal(versions.at(-1)?.state, 'ready');
      assert.equal(site.store.builds.size, kept.length);
      const uploads = [...site.store.uploads.values()].map(({ record }) => record);
      assert.deepEqual(
        uploads.map(({ state }) => state),
        kept.flatMap(() => PROVIDERS.map(() => 'ready')),
      );
      const ids = (list: readonly (string | null)[]) => list.map(String).toSorted();
      assert.deepEqual(
        ids(site.cloudImages().map((one) => one.id)),
        ids(uploads.map((one) => one.external_id)),
      );
      const files = kept.flatMap(({ image, build }) =>
        ENDS.map((end) => `${image}-${build}.${end}`),
      );
      assert.deepEqual(await site.files('one'), files.toSorted());
    },
    PATIENCE_MS,
    POLL_MS,
  );
}
