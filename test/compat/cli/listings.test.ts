/**
 * Lists of images by Python Nodepool's command and by ours, byte for byte. Skipped where there is no
 * Python Nodepool.
 */
import assert from 'node:assert/strict';
import { putImages, still } from '../../support/cli-images.ts';
import { CliSite } from '../../support/cli-site.ts';
import { peersOrSkip, type Peers } from '../../support/peers.ts';

describe('lists of images, beside Python’s', () => {
  let peers: Peers;
  let site: CliSite;

  before(async function () {
    peers = await peersOrSkip(this);
    site = await CliSite.make();
  });
  after(async () => {
    await (site as CliSite | undefined)?.close();
  });

  async function assertSame(command: string): Promise<string> {
    const theirs = await site.theirs(peers, command);
    assert.equal(theirs.code, 0, theirs.err);
    const ours = await site.ours(command);
    assert.equal(still(ours.out), still(theirs.out));
    assert.equal(ours.code, 0);
    return ours.out;
  }

  const COMMANDS = ['image-list', 'dib-image-list', 'image-status'];

  for (const command of COMMANDS)
    it(`are the same where there is nothing: ${command}`, async () => {
      assert.equal((await assertSame(command)).split('\n').length, 4 + 1);
    });

  describe('of images in every state', () => {
    before(() => putImages(site));

    for (const [command, rows] of [
      ['image-list', 4],
      ['dib-image-list', 6],
      ['image-status', 7],
    ] as const)
      it(`are the same: ${command}`, async () => {
        assert.equal((await assertSame(command)).split('\n').length, 4 + rows + 1);
      });
  });
});
