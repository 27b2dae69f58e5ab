/**
 * One of several builders, ours or Python's, is killed in the middle of a build or of uploads: the others
 * take away its records and do its work; when it comes back it takes away its files, or goes on.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { builderProgram } from '../../../fixtures/builder/start.ts';
import { startZooKeeper, type RunningZooKeeper } from '../../../fixtures/zookeeper/start.ts';
import { eventually } from '../../support/eventually.ts';
import { peersOrSkip, type Peers } from '../../support/peers.ts';
import { inState } from '../../support/image-book.ts';
import { BuildersSite, PROVIDERS, type BuilderKind } from './site.ts';

const IMAGE = 'debian';
const PATIENCE_MS = 90_000;
const POLL_MS = 100;

describe('a builder that is killed', function () {
  this.timeout(240_000);
  let peers: Peers;
  let zookeeper: RunningZooKeeper;
  let site: BuildersSite;

  before(async function () {
    peers = await peersOrSkip(this, { needsLauncher: true });
    assert.ok(builderProgram());
    zookeeper = await startZooKeeper({ mode: 'both', tickMs: 500 });
  });
  beforeEach(async () => {
    site = await BuildersSite.open({ peers, zookeeper, images: [IMAGE] });
  });
  after(async () => {
    // Nothing was started where the whole was skipped.
    await (zookeeper as RunningZooKeeper | undefined)?.stop();
  });

  for (const [victim, others] of [
    ['ours', ['ours', 'python']],
    ['python', ['ours', 'ours']],
  ] as const) {
    it(`while it builds (${victim}) leaves nothing, and others (${others.join()}) build`, () =>
      site.play(async () => {
        await site.behave('exec sleep 1000');
        const killed = await site.start(victim, 'victim');
        await until(() => {
          assert.equal(site.book.builds().at(-1)?.versions.at(-1)?.state, 'building');
        });
        const [run] = await site.runs();
        await site.behave('');
        await startOthers(site, others);
        killed.kill('SIGKILL');
        await until(() => {
          const [first, ...next] = site.book.builds();
          assert.ok(first?.isGone);
          assert.equal(next.length, 1);
        });
        await untilUploaded(site);
        await site.start(victim, 'victim');
        await until(async () => {
          assert.deepEqual([await site.files('victim'), await site.notes('victim')], [[], []]);
          // Python's lets go on what it started.
          if (victim === 'ours') assert.ok(!existsSync(`/proc/${run?.pid}`));
        });
        assert.deepEqual([site.book.builds().length, site.cloudImages().length], [2, 2]);
      }));

    it(`while it uploads (${victim}) leaves nothing, and goes on when it is back`, () =>
      site.play(async () => {
        const { cloud } = site.cloud;
        cloud.arm({ call: 'PUT images/*/file', mode: 'hang', times: Infinity });
        const killed = await site.start(victim, 'victim');
        const isUploading = () => site.book.uploads().map(({ versions }) => versions.at(-1)?.state);
        await until(() => {
          assert.deepEqual(isUploading(), ['uploading', 'uploading']);
          assert.equal(cloud.calls.filter((call) => call === 'PUT images/*/file').length, 2);
        });
        await startOthers(site, others);
        killed.kill('SIGKILL');
        cloud.disarm();
        await until(() => {
          assert.ok(site.book.uploads().every(({ isGone }) => isGone));
        });
        // Ours look for what has no record any more; Python's do not.
        const isClean = !others.some((kind: BuilderKind) => kind === 'python');
        if (isClean) await until(() => site.cloudImages().length === 0);
        await site.start(victim, 'victim');
        await untilUploaded(site);
        assert.equal(site.book.builds().length, 1, 'it was built again');
        if (isClean) assert.equal(site.cloudImages().length, PROVIDERS.length);
      }));
  }
});

async function startOthers(site: BuildersSite, kinds: readonly BuilderKind[]): Promise<void> {
  for (const [index, kind] of kinds.entries()) await site.start(kind, `other-${index}`);
}

function until(condition: () => unknown): Promise<void> {
  return eventually(condition, PATIENCE_MS, POLL_MS);
}

/** One upload to each provider, and none beside them. */
function untilUploaded(site: BuildersSite): Promise<void> {
  return until(() => {
    const there = site.book.uploads().filter(({ isGone }) => !isGone);
    assert.deepEqual(there.map(({ provider }) => provider).toSorted(), [...PROVIDERS]);
    for (const one of there) assert.ok(inState(one, 'ready')?.external_id);
  });
}
