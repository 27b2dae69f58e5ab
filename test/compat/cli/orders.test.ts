/**
 * Commands that change images, by Python Nodepool and by us, each on the same contents: what they print,
 * their exit codes, and what stands in ZooKeeper afterwards. Skipped where there is no Python Nodepool.
 */
import assert from 'node:assert/strict';
import { BUILDS, putImages } from '../../support/cli-images.ts';
import { CliSite } from '../../support/cli-site.ts';
import { peersOrSkip, type Peers } from '../../support/peers.ts';

const CONFIG = {
  diskimages: [{ name: 'debian-trixie' }, { name: 'new' }, { name: 'paused', pause: true }],
};

const upload = (fields: Record<string, string> = {}): string[] =>
  Object.entries({
    provider: 'cloud-one',
    image: 'debian-trixie',
    'build-id': BUILDS.ready,
    'upload-id': '0000000001',
    ...fields,
  }).flatMap(([name, value]) => [`--${name}`, value]);

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  'a build of an image with builds': ['image-build', 'debian-trixie'],
  'a build of an image without': ['image-build', 'new'],
  'a build of an unknown image': ['image-build', 'unknown'],
  'a build of a paused image': ['image-build', 'paused'],
  'a pause': ['image-pause', 'debian-trixie'],
  'a pause of a paused image': ['image-pause', 'Fedora'],
  'a pause of an unknown image': ['image-pause', 'unknown'],
  'the end of a pause': ['image-unpause', 'Fedora'],
  'the end of no pause': ['image-unpause', 'debian-trixie'],
  'the end of a pause of an unknown image': ['image-unpause', 'unknown'],
  'the deletion of a build': ['dib-image-delete', `debian-trixie-${BUILDS.ready}`],
  'the deletion of a failed build': ['dib-image-delete', `debian-trixie-${BUILDS.failed}`],
  'the deletion of a build in progress': ['dib-image-delete', `debian-trixie-${BUILDS.building}`],
  'the deletion of an unknown build': ['dib-image-delete', 'debian-trixie-0000'],
  'the deletion of an empty build': ['dib-image-delete', `empty-build-${BUILDS.failed}`],
  'the deletion of no build': ['dib-image-delete', 'noble'],
  'the deletion of an upload': ['image-delete', ...upload()],
  'the deletion of a failed upload': [
    'image-delete',
    ...upload({ provider: 'cloud-two', 'upload-id': '0000000002' }),
  ],
  'the deletion of an upload in progress': [
    'image-delete',
    ...upload({ 'upload-id': '0000000004' }),
  ],
  'the deletion of an unknown upload': ['image-delete', ...upload({ 'upload-id': '0000000009' })],
  'the deletion of an upload of nobody': ['image-delete', ...upload({ provider: 'nobody' })],
  'the deletion of an upload without its number': ['image-delete', ...upload().slice(0, 6)],
};

describe('commands that change images, beside Python’s', () => {
  let peers: Peers;

  before(async function () {
    peers = await peersOrSkip(this);
  });

  for (const [name, command] of Object.entries(COMMANDS))
    it(`do the same: ${name}`, async () => {
      const [theirs, ours] = await Promise.all([
        runOn((site) => site.theirs(peers, ...command)),
        runOn((site) => site.ours(...command)),
      ]);
      assert.equal(ours.code, theirs.code, `${theirs.err}\n${ours.err}`);
      assert.equal(ours.out, theirs.out);
      assert.deepEqual(ours.tree, theirs.tree);
    });

  it('do the same but for the time: the deletion of a build that is deleted', async () => {
    const command = ['dib-image-delete', `debian-trixie-${BUILDS.deleting}`];
    const stateOf = ({ tree }: { tree: Record<string, unknown> }): unknown => {
      const record = tree[`/nodepool/images/debian-trixie/builds/${BUILDS.deleting}`];
      return { ...(record as object), state_time: undefined };
    };
    const theirs = await runOn((site) => site.theirs(peers, ...command));
    const ours = await runOn((site) => site.ours(...command));
    assert.equal(ours.code, theirs.code);
    assert.equal(ours.out, theirs.out);
    assert.deepEqual(stateOf(ours), stateOf(theirs));
  });
});

async function runOn(
  run: (site: CliSite) => Promise<{ code: number; out: string; err: string }>,
): Promise<{ code: number; out: string; err: string; tree: Record<string, unknown> }> {
  const site = await CliSite.make(CONFIG);
  try {
    await putImages(site);
    const output = await run(site);
    return { ...output, tree: withoutTimes(await site.tree()) };
  } finally {
    await site.close();
  }
}

/** The time of a change of state is of the run: only whether it is one counts. */
function withoutTimes(tree: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(tree).map(([path, record]) => {
      const time = (record as { state_time?: unknown }).state_time;
      if (typeof time !== 'number') return [path, record];
      return [path, { ...(record as object), state_time: time > Date.now() / 1000 - 86_400 }];
    }),
  );
}
