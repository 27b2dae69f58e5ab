/** What commands on images tell on stderr, beside what Python's print (test/compat/cli). */
import assert from 'node:assert/strict';
import { BUILDS, putImages } from '../../support/cli-images.ts';
import { CliSite } from '../../support/cli-site.ts';

describe('commands on images', () => {
  let site: CliSite;

  before(async () => {
    site = await CliSite.make({ diskimages: [{ name: 'noble' }, { name: 'Fedora' }] });
    await putImages(site);
  });
  after(() => site.close());

  for (const [command, code, hint] of [
    [['dib-image-delete', 'noble'], 1, /noble is no id of a build: .* nodepool dib-image-list/],
    [['dib-image-delete', 'noble-1'], 0, /dib-image-list shows the ids/],
    [['dib-image-delete', `jammy-${BUILDS.building}`], 0, /stop its builder, or wait/],
    [
      ['image-delete', '--prov=p', '--im=noble', '--build-id=1', '--upload-id=0000000001'],
      0,
      /nodepool image-list shows provider, image and both ids/,
    ],
    [['image-pause', 'unknown'], 1, /unknown has never been built .*\nnodepool image-status/],
    [['image-pause', 'noble/builds'], 1, /noble\/builds has never been built/],
    [['image-pause', '..'], 1, /\.\. has never been built/],
    [['image-unpause', 'noble'], 0, /noble is not paused; nodepool image-status/],
    [['image-build', 'Fedora'], 0, /Fedora is paused: .* nodepool image-unpause Fedora/],
  ] as const)
    it(`say what to do: ${command.join(' ')}`, async () => {
      const output = await site.ours(...command);
      assert.equal(output.code, code, output.err);
      assert.match(output.err, hint);
    });

  it('say nothing where all is well', async () => {
    for (const command of ['image-build', 'dib-image-build', 'image-pause', 'image-unpause'])
      assert.deepEqual(await site.ours(command, 'noble'), { code: 0, out: '', err: '' });
  });

  it('ask for a build by either name', async () => {
    for (const command of ['image-build', 'dib-image-build']) {
      const request = '/nodepool/images/noble/request-build';
      await site.client.deleteTree(request);
      await site.ours(command, 'noble');
      assert.ok(await site.client.exists(request), command);
    }
  });

  it('leave out a znode that holds no record, and say so', async () => {
    const path = `/nodepool/images/noble/builds/${BUILDS.ready}`;
    await site.put(path, '{');
    const { code, out, err } = await site.ours('dib-image-list');
    assert.equal(code, 0);
    assert.doesNotMatch(out, /noble/);
    assert.equal(err, `${path} holds no record and is left out\n`);
    const deletion = await site.ours('dib-image-delete', `noble-${BUILDS.ready}`);
    assert.equal(deletion.code, 1);
    assert.match(deletion.err, /\/builds\/[0-9a-f]+ holds no record\nlook at the znode/);
  });
});
