import assert from 'node:assert/strict';

import type { ImageState } from '../../../../shared/cli/plan/model.ts';
import { build, upload } from '../../rules/images/views.ts';
import { changes, fake, labels, lines, NOW, type Sections } from './world.ts';

const image = (fields: Sections = {}): Sections => ({
  ...{ name: 'trixie', elements: ['debian'], formats: ['qcow2'], ...fields },
});

/** Images of the top level, and the images of each provider. */
function world(
  images: readonly Sections[],
  uses: Readonly<Record<string, readonly string[]>>,
): Sections {
  return {
    ...labels('small'),
    diskimages: images,
    providers: Object.entries(uses).map(([name, names]) => ({
      ...{ ...fake(name, { main: [] }), diskimages: names.map((one) => ({ name: one })) },
    })),
  };
}

const one = world([image()], { cloud: ['trixie'] });

const built = (at = NOW - 100): ImageState => ({
  isPaused: false,
  builds: [build('b1', 'ready', at, { uploads: [upload('cloud', 'u1', 'ready', at)] })],
});

function images(
  before: Sections,
  after: Sections,
  state: ImageState | undefined = built(),
): string[] {
  const known = new Map([['trixie', state]]);
  return lines(changes(before, after, { images: known }), 'images');
}

describe('images in a plan', () => {
  it('are as they were', () => {
    assert.deepEqual(images(one, one), []);
    assert.deepEqual(images(one, one, built(NOW - 1e6)), []);
  });

  it('come, and are built unless they are there', () => {
    const none = world([], { cloud: [] });
    const nothing = { isPaused: false, builds: [] };
    assert.deepEqual(images(none, one, nothing), [
      '+ image-built trixie: comes and is built: there is no build of it that can be used',
      '+ image-uploaded trixie to cloud: is uploaded: once there is a build',
    ]);
    assert.deepEqual(images(none, one), ['+ image-added trixie: comes; build b1 is there already']);
    assert.deepEqual(
      images(none, one, { ...nothing, isPaused: true })[0],
      '+ image-added trixie: comes, paused: it is not built',
    );
  });

  it('are built anew when what goes into them changes, which is told without values', () => {
    const after = world([image({ 'env-vars': { KEY: 'sesame' }, release: 'trixie' })], {
      cloud: ['trixie'],
    });
    const [line = '', ...more] = images(one, after);
    assert.deepEqual(more, []);
    assert.match(line, /^~ image-rebuilt trixie: is built anew.* \[release env-vars: KEY\]$/);
    assert.ok(!line.includes('sesame'));
    const extensions = { builder: { 'rebuild-on-change': false } };
    assert.match(
      images(one, { ...after, extensions }).join(),
      /^~ image-inputs trixie: what goes into it changes with the next build \(rebuild-age 1 d\)/,
    );
  });

  it('are built where they are older than allowed now, or lack a format', () => {
    const younger = world([image({ 'rebuild-age': 60 })], { cloud: ['trixie'] });
    assert.deepEqual(images(one, younger), [
      '+ image-built trixie: is built: its newest build is older than rebuild-age',
      '~ image-changed trixie: later builds, uploads and nodes follow [rebuild-age]',
    ]);
    const more = world([image({ formats: ['qcow2', 'raw'] })], { cloud: ['trixie'] });
    assert.deepEqual(images(one, more), [
      '+ image-built trixie: is built: its newest build lacks a format',
    ]);
  });

  it('are not built while an operator pauses them', () => {
    const younger = world([image({ 'rebuild-age': 60 })], { cloud: ['trixie'] });
    assert.deepEqual(images(one, younger, { ...built(), isPaused: true }), [
      '~ image-changed trixie: later builds, uploads and nodes follow [rebuild-age]',
    ]);
  });

  it('are paused and go on', () => {
    const paused = world([image({ pause: true })], { cloud: ['trixie'] });
    assert.deepEqual(images(one, paused), ['~ image-paused trixie: is paused: not built any more']);
    assert.deepEqual(images(paused, one), ['~ image-resumed trixie: is not paused any more']);
  });

  it('are uploaded to who lists them now', () => {
    const two = world([image()], { cloud: ['trixie'], other: ['trixie'] });
    assert.deepEqual(images(one, two), ['+ image-uploaded trixie to other: is uploaded: build b1']);
  });

  it('are deleted with their uploads and builds', () => {
    assert.deepEqual(images(one, world([], { cloud: [] })), [
      '- image-removed trixie: goes',
      '!- uploads-deleted trixie: 1 upload deleted, in the cloud, too [b1/cloud/u1]',
      '!- builds-deleted trixie: 1 build deleted, with the files [b1]',
    ]);
  });

  it('lose the uploads to who does not list them any more', () => {
    const unlisted = world([image()], { cloud: [] });
    assert.deepEqual(images(one, unlisted), [
      '!- uploads-deleted trixie: 1 upload deleted, in the cloud, too [b1/cloud/u1]',
    ]);
  });

  it('are left in the cloud where their provider goes, even if they go with it', () => {
    const left =
      '!- uploads-left trixie: 1 upload left: nobody deletes it while the provider is gone, and the build stays with it [b1/cloud/u1]';
    assert.deepEqual(images(one, world([image()], {})), [left]);
    assert.deepEqual(images(one, world([], {})), ['- image-removed trixie: goes', left]);
  });

  it('are left to the builders where they would go without the change', () => {
    const old = {
      isPaused: false,
      builds: ['a', 'b', 'c'].map((id, at) => build(id, 'ready', NOW - 10 * (3 - at))),
    };
    assert.deepEqual(images(one, world([image({ username: 'me' })], { cloud: ['trixie'] }), old), [
      '~ image-changed trixie: later builds, uploads and nodes follow [username]',
    ]);
  });
});
