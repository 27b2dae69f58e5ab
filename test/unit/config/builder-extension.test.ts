import assert from 'node:assert/strict';

import { good, loadText } from './load-text.ts';

describe('extensions: builder', () => {
  it('has the defaults that are documented', () => {
    assert.deepEqual(good('labels: []').extensions.builder, {
      web: { listenAddress: '127.0.0.1', port: 8006 },
      runner: 'container',
      container: {
        image: 'nodepool-builder',
        pull: 'missing',
        host: undefined,
        privileged: true,
        devices: [],
        mounts: [],
        cpus: undefined,
        memoryMib: undefined,
        network: undefined,
        user: undefined,
      },
      cacheDir: undefined,
      isRebuiltOnChange: true,
    });
  });

  it('is read', () => {
    const { builder } = good(`extensions:
  builder:
    web: {listen-address: '::', port: 80}
    runner: process
    cache-dir: /var/cache/dib
    rebuild-on-change: false
    container:
      image: registry.test:5000/dib@sha256:0123
      pull: never
      host: unix:///run/podman/podman.sock
      privileged: false
      devices: [/dev/kvm, "/dev/loop-control:/dev/loop-control:rw"]
      mounts: [/etc/pki, "/srv/mirror:/mirror:ro"]
      cpus: 1.5
      memory: 4096
      network: host
      user: "1000:1000"
`).extensions;
    assert.deepEqual(builder, {
      web: { listenAddress: '::', port: 80 },
      runner: 'process',
      container: {
        image: 'registry.test:5000/dib@sha256:0123',
        pull: 'never',
        host: 'unix:///run/podman/podman.sock',
        privileged: false,
        devices: ['/dev/kvm', '/dev/loop-control:/dev/loop-control:rw'],
        mounts: ['/etc/pki', '/srv/mirror:/mirror:ro'],
        cpus: 1.5,
        memoryMib: 4096,
        network: 'host',
        user: '1000:1000',
      },
      cacheDir: '/var/cache/dib',
      isRebuiltOnChange: false,
    });
  });

  it('refuses what has not the form of a mount, a device, an address or a path', () => {
    const lines = (options: string): readonly string[] =>
      loadText(`extensions: {builder: ${options}}`).lines.map((line) =>
        line.replace(/^[\d:]+ extensions\.builder\./, ''),
      );
    assert.deepEqual(lines('{container: {mounts: [here]}}'), [
      'container.mounts[0]: must be PATH[:PATH-INSIDE][:ro], paths from /; found text "here"',
    ]);
    assert.deepEqual(lines('{container: {devices: ["/dev/kvm:all"]}}'), [
      'container.devices[0]: must be PATH[:PATH-INSIDE][:rwm]; found text "/dev/kvm:all"',
    ]);
    assert.deepEqual(lines('{container: {host: somewhere}}'), [
      'container.host: must be unix:///path or tcp://host:port; found text "somewhere"',
    ]);
    assert.deepEqual(lines('{cache-dir: cache}'), [
      'cache-dir: must be a path from /; found text "cache"',
    ]);
    assert.deepEqual(lines('{runner: podman}').length, 1);
  });
});
