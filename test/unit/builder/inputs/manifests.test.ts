import assert from 'node:assert/strict';

import { manifestKind, readManifest } from '../../../../builder/inputs/manifests.ts';
import { readWords } from '../../../../builder/inputs/build-words.ts';

describe('manifests of diskimage-builder', () => {
  it('are told by their names; what may hold secrets is none', () => {
    const kinds = ['dib-manifest-dpkg-debian-0a', 'dib-manifest-git-x', 'dib-manifest-rpm-x'];
    assert.deepEqual(kinds.map(manifestKind), ['dpkg', 'git', 'rpm']);
    for (const name of ['dib_environment', 'dib_arguments', 'dib-element-manifest'])
      assert.equal(manifestKind(name), undefined, name);
  });

  it('of dpkg have packages, without those that were removed', () => {
    // As its script prints and edits it.
    const text = `{"packages": [
{"package": "adduser","arch": "all","version": "3.134","status": "ii "},
    {"package": "libc6:amd64","arch": "amd64","version": "2.36-9+deb12u9","status": "ii "},
    {"package": "old","arch": "all","version": "1","status": "rc "}
]}
`;
    assert.deepEqual(readManifest('dpkg', text), {
      packages: [
        { kind: 'deb', name: 'adduser', version: '3.134', architecture: 'all' },
        { kind: 'deb', name: 'libc6', version: '2.36-9+deb12u9', architecture: 'amd64' },
      ],
      repositories: [],
    });
    assert.throws(() => readManifest('dpkg', '{"packages": ['));
    assert.throws(() => readManifest('dpkg', '[]'));
  });

  it('of git have commits, and no passwords', () => {
    const commit = '0123456789abcdef0123456789abcdef01234567';
    const locations = [
      ['https://opendev.org/zuul/zuul', 'https://opendev.org/zuul/zuul'],
      ['https://me:hunter2@git.example/x.git?token=hunter2', 'https://git.example/x.git'],
      ['git@git.example:x.git', 'git@git.example:x.git'],
      ['/opt/cache/x', '/opt/cache/x'],
    ];
    const text = locations.map(([from], n) => `repo-${n} git /opt/x ${from ?? ''} ${commit}\n`);
    assert.deepEqual(
      readManifest('git', text.join('')).repositories,
      locations.map(([, location], n) => ({ name: `repo-${n}`, location, commit })),
    );
    assert.deepEqual(readManifest('git', 'half a line\n').repositories, []);
  });

  it('of rpm have what `rpm -qa` prints', () => {
    assert.deepEqual(readManifest('rpm', 'gpg-pubkey-1-2\nglibc-common-2.34-60.el9.x86_64\n\n'), {
      packages: [
        { kind: 'rpm', name: 'glibc-common', version: '2.34-60.el9', architecture: 'x86_64' },
      ],
      repositories: [],
    });
  });
});

describe('the beginning of a build', () => {
  it('says which diskimage-builder it is, and what it uses', () => {
    // As it prints them, with and without times.
    const lines = [
      'something of a wrapper',
      '2026-11-29 11:00:18.458 | diskimage-builder version 3.13.0',
      'Expanded element dependencies to: vm base  ours',
      '2026 | echo "diskimage-builder version 9"',
    ];
    assert.deepEqual(readWords(lines), { version: '3.13.0', elements: ['base', 'ours', 'vm'] });
    assert.deepEqual(readWords(['nothing']), { version: undefined, elements: [] });
  });
});
