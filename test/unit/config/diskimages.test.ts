import assert from 'node:assert/strict';

import { findings, good, loadText } from './load-text.ts';

/** Disk images by name, of a file that holds nothing else. */
function images(text: string, secure?: string) {
  const { diskimages } = good(`diskimages:\n${text}`, secure === undefined ? {} : { secure });
  return (name: string) => {
    const image = diskimages.get(name);
    assert.ok(image);
    return image;
  };
}

describe('disk images', () => {
  it('have the defaults of the original', () => {
    const { ...image } = images('- name: a')('a');
    assert.deepEqual(image, {
      name: 'a',
      elements: [],
      envVars: {},
      formats: [],
      keepFormats: [],
      deleteAfterUpload: false,
      isPaused: false,
      rebuildAgeSeconds: 86_400,
      buildTimeoutSeconds: 28_800,
      release: '',
      username: 'zuul',
      pythonPath: 'auto',
      shellType: undefined,
      dibCmd: 'disk-image-create',
      metadata: {},
    });
  });

  const family = images(`
- name: root
  abstract: true
  elements: [one]
  env-vars: {A: root, B: root}
  formats: [raw]
  delete-after-upload: true
  pause: true
  rebuild-age: 5
  username: root-user
  metadata: {from: root}
- name: middle
  parent: root
  elements: [two]
  env-vars: {B: middle}
  keep-formats: [qcow2]
- name: leaf
  parent: middle
  elements: [three]
  formats: []
  delete-after-upload: false
  pause: false
  rebuild-age: 0
  release: 9
  username: ''
`);

  it('append their elements to those of their ancestors, the root first', () => {
    assert.deepEqual(family('leaf').elements, ['one', 'two', 'three']);
  });

  it('merge environments, the child wins', () => {
    assert.deepEqual(family('leaf').envVars, { A: 'root', B: 'middle' });
  });

  it('inherit where they say nothing, zero or empty', () => {
    const { rebuildAgeSeconds, username, formats, keepFormats } = family('leaf');
    assert.deepEqual(
      { rebuildAgeSeconds, username, formats, keepFormats },
      { rebuildAgeSeconds: 5, username: 'root-user', formats: ['raw'], keepFormats: ['qcow2'] },
    );
  });

  it('override delete-after-upload with false, but cannot end a pause', () => {
    assert.equal(family('leaf').deleteAfterUpload, false);
    assert.equal(family('middle').deleteAfterUpload, true);
    assert.equal(family('leaf').isPaused, true);
  });

  it('do not inherit metadata', () => {
    assert.deepEqual(family('middle').metadata, {});
  });

  it('turn a release that is a number into text', () => {
    assert.equal(family('leaf').release, '9');
  });

  it('are not made from abstract ones', () => {
    const { config } = loadText('diskimages:\n- {name: a, abstract: true}\n');
    assert.equal(config?.diskimages.size, 0);
  });

  it('must have parents that exist and do not go in a circle', () => {
    const loaded = loadText(`diskimages:
- {name: a, parent: nobody}
- {name: b, parent: c}
- {name: c, parent: b}
`);
    assert.equal(loaded.config, undefined);
    assert.deepEqual(findings(loaded, 'error'), [
      'diskimages[0].parent: parent nobody is not in the list of diskimages',
      'diskimages[1].parent: the parents go round in a circle at b',
      'diskimages[2].parent: the parents go round in a circle at c',
    ]);
  });

  it('may stand twice for the daemons, but not for config-validate', () => {
    const loaded = loadText('diskimages:\n- {name: a, username: x}\n- {name: a, username: y}\n');
    assert.equal(loaded.config?.diskimages.get('a')?.username, 'y');
    assert.equal(findings(loaded, 'strict').length, 1);
  });

  it('get secret variables after inheritance, so that children do not', () => {
    const image = images(
      '- {name: a, env-vars: {X: open, Y: open}}\n- {name: b, parent: a}\n',
      'diskimages:\n- {name: a, env-vars: {X: secret}}\n',
    );
    assert.deepEqual(image('a').envVars, { X: 'secret', Y: 'open' });
    assert.deepEqual(image('b').envVars, { X: 'open', Y: 'open' });
  });

  it('must exist for the secure file', () => {
    const loaded = loadText('diskimages: []', {
      secure: 'diskimages:\n- {name: a, env-vars: {X: y}}\n',
    });
    assert.equal(loaded.config, undefined);
    assert.deepEqual(findings(loaded, 'error'), [
      'diskimages[0].name: disk image a is not in the main file, or is abstract',
    ]);
    assert.equal(loaded.problems[0]?.file, 'secure.yaml');
  });
});
