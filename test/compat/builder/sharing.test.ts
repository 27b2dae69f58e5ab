/**
 * Two of our builders and one of Python's share the work: each image is built once per age, or once for
 * each request, and uploaded once to each provider, whoever does it; of three builds the oldest goes.
 */
import assert from 'node:assert/strict';
import { startZooKeeper, type RunningZooKeeper } from '../../../fixtures/zookeeper/start.ts';
import { builderProgram } from '../../../fixtures/builder/start.ts';
import { eventually } from '../../support/eventually.ts';
import { peersOrSkip, type Peers } from '../../support/peers.ts';
import { inState } from '../../support/image-book.ts';
import { BuildersSite, PROVIDERS, type DibRun } from './site.ts';

const BUILDERS = [
  ['ours', 'one'],
  ['ours', 'two'],
  ['python', 'three'],
] as const;
const NAMES = BUILDERS.map(([, name]) => name);
const IMAGES = ['debian', 'ubuntu', 'rocky', 'fedora'];
/** Many builds at Python's pace, which looks for them twice a second. */
const PATIENCE_MS = 120_000;
const POLL_MS = 100;
const AGE_SECONDS = 6;
const AGES = 6;

describe('two of our builders and one of Python’s', function () {
  this.timeout(300_000);
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

  const play = async (
    ageSeconds: number,
    steps: (site: BuildersSite) => Promise<void>,
  ): Promise<void> => {
    const diskimage = { 'rebuild-age': ageSeconds };
    const site = await BuildersSite.open({ peers, zookeeper, images: IMAGES, diskimage });
    await site.play(async () => {
      // Long enough that others look while it is built.
      await site.behave('sleep 0.7');
      for (const [kind, name] of BUILDERS) await site.start(kind, name);
      await steps(site);
    });
  };

  it('build each image once per age and upload it once to each provider', async () => {
    await play(AGE_SECONDS, async (site) => {
      await eventually(
        () => {
          for (const image of IMAGES) assert.ok(readyBuilds(site, image).length >= AGES, image);
        },
        PATIENCE_MS,
        POLL_MS,
      );
      for (const image of IMAGES) await site.touch(`${image}/pause`);
      await untilSettled(site);
      await checkRuns(site);
      for (const image of IMAGES) checkAges(site, image);
      checkUploads(site);
      const builders = site.book.builds().map(({ versions }) => versions[0]?.builder_id);
      assert.equal(new Set(builders).size, BUILDERS.length, 'not all have built');
      await checkNobodyFailed(site);
    });
  });

  it('answer each request once, and none of an image that is paused', async () => {
    await play(86_400, async (site) => {
      await untilBuilt(site, 1);
      await untilSettled(site);
      for (const round of [2, 3, 4]) {
        for (const image of IMAGES) await site.touch(`${image}/request-build`);
        await untilBuilt(site, round);
        await untilSettled(site);
      }
      const [paused = '', ...others] = IMAGES;
      await site.touch(`${paused}/pause`);
      for (const image of IMAGES) await site.touch(`${image}/request-build`);
      await untilBuilt(site, 5, others);
      // All of them have looked at all images since.
      for (const image of others) await site.touch(`${image}/request-build`);
      await untilBuilt(site, 6, others);
      assert.equal(site.book.builds(paused).length, 4);
      await site.client.delete(`/nodepool/images/${paused}/pause`);
      await untilBuilt(site, 5, [paused]);
      await untilSettled(site);
      const counts = IMAGES.map((image) => site.book.builds(image).length);
      assert.deepEqual(counts, [5, 6, 6, 6]);
      await checkRuns(site);
      checkUploads(site);
      await checkNobodyFailed(site);
    });
  });
});

function readyBuilds(site: BuildersSite, image: string) {
  return site.book.builds(image).filter((one) => inState(one, 'ready') !== undefined);
}

function untilBuilt(site: BuildersSite, count: number, images = IMAGES): Promise<void> {
  return eventually(
    () => {
      for (const image of images) {
        assert.ok(readyBuilds(site, image).length >= count, `${image}: ${count}`);
        assert.ok(!site.store.isRequested(image), `${image} is still asked for`);
      }
    },
    PATIENCE_MS,
    POLL_MS,
  );
}

/** Two builds of each image, uploaded everywhere, or all there are; nothing else, nowhere. */
async function untilSettled(site: BuildersSite): Promise<void> {
  const { builds, uploads } = site.store;
  await eventually(
    async () => {
      const kept: string[] = [];
      for (const image of IMAGES) {
        const all = readyBuilds(site, image);
        kept.push(...all.slice(-2).map(({ path }) => path));
      }
      assert.deepEqual([...builds.values()].map(({ path }) => path).toSorted(), kept.toSorted());
      // Python's locks make znodes of what is no more.
      assert.deepEqual([...builds.unreadablePaths(), ...uploads.unreadablePaths()], []);
      const states = [...uploads.values()].map(({ record }) => record.state);
      assert.deepEqual(
        states,
        kept.flatMap(() => PROVIDERS.map(() => 'ready')),
      );
      const known = [...uploads.values()].map(({ record }) => record.external_id);
      const inCloud = site.cloudImages().map(({ id }) => id);
      assert.deepEqual(inCloud.toSorted(), known.toSorted());
      await checkFiles(site);
    },
    PATIENCE_MS,
    POLL_MS,
  );
}

/** The files of each build are with the builder that made it, all of them, and no others. */
async function checkFiles(site: BuildersSite): Promise<void> {
  for (const name of NAMES) {
    const id = await site.builderId(name);
    const own = site.book.builds().filter(({ versions }) => versions[0]?.builder_id === id);
    const wanted = own
      .filter(({ isGone }) => !isGone)
      .flatMap(({ image, build }) =>
        ['d', 'qcow2', 'qcow2.md5', 'qcow2.sha256'].map((end) => `${image}-${build}.${end}`),
      );
    assert.deepEqual(await site.files(name), wanted.toSorted(), name);
  }
}

/** Each record is of one run, and no image was in two of them at a time. */
async function checkRuns(site: BuildersSite): Promise<void> {
  const runs = await site.runs();
  const named = (list: readonly { image: string; build: string }[]): string[] =>
    list.map(({ image, build }) => `${image}-${build}`).toSorted();
  assert.deepEqual(named(runs), named(site.book.builds()));
  assert.deepEqual(site.book.collisions, []);
  for (const image of IMAGES) {
    let before: DibRun | undefined;
    for (const one of runs.filter((other) => other.image === image)) {
      if (before) assert.ok((before.endedAt ?? Infinity) <= one.beganAt, `${image} twice`);
      before = one;
    }
  }
}

/** Nothing was built before the build before it had come of age. */
function checkAges(site: BuildersSite, image: string): void {
  let readyAt = -Infinity;
  for (const build of site.book.builds(image)) {
    const beganAt = inState(build, 'building')?.state_time ?? 0;
    assert.ok(beganAt - readyAt >= AGE_SECONDS, `${image}: built after ${beganAt - readyAt} s`);
    readyAt = inState(build, 'ready')?.state_time ?? Infinity;
  }
}

/** The cloud was asked for one image of each build and provider, and each became one upload. */
function checkUploads(site: BuildersSite): void {
  const uploads = site.book.uploads();
  for (const provider of PROVIDERS)
    for (const { build } of site.book.builds()) {
      const own = uploads.filter((one) => one.build === build && one.provider === provider);
      assert.ok(own.length <= 1, `${build} more than once to ${provider}`);
      const made = site.created.filter(
        ({ properties }) =>
          properties.nodepool_build_id === build && properties.nodepool_provider_name === provider,
      );
      assert.equal(made.length, own.length, `${build} to ${provider}`);
      const ready = own[0] && inState(own[0], 'ready');
      assert.equal(ready?.external_id, made[0]?.id);
    }
}

/** No builder says that something went wrong. */
async function checkNobodyFailed(site: BuildersSite): Promise<void> {
  const bad = await site.complaints();
  assert.deepEqual(bad, []);
}
