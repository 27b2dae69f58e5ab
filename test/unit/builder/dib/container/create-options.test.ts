import assert from 'node:assert/strict';
import type { DeviceMapping } from 'dockerode';

import {
  buildOptions,
  sweepOptions,
  type ContainerPlan,
} from '../../../../../builder/dib/container/create-options.ts';
import type { BuildContainer } from '../../../../../schemas/config/model.ts';

const settings: BuildContainer = {
  image: 'dib:1',
  pull: 'missing',
  host: undefined,
  privileged: true,
  devices: [],
  mounts: [],
  cpus: undefined,
  memoryMib: undefined,
  network: undefined,
  user: undefined,
};
const plan: ContainerPlan = {
  settings,
  builderId: 'me',
  imagesDir: '/images',
  elementsDir: undefined,
  cacheDir: undefined,
  workDir: '/images/i-b.work',
};
const key = { image: 'i', build: 'b' };
const job = {
  key,
  words: ['disk-image-create', '-o', '/images/i b', 'vm'],
  environment: { DIB_RELEASE: 'noble', PASSWORD: 'hunter2' },
};
const made = (more: Partial<ContainerPlan> = {}, environment = job.environment) =>
  buildOptions({ ...plan, ...more }, { ...job, environment }, 30);
const madeWith = (more: Partial<BuildContainer>) => made({ settings: { ...settings, ...more } });

describe('the container of a build', () => {
  it('runs the words as they are', () => {
    const { Cmd = [], Image, StopTimeout, StopSignal, Tty } = made();
    assert.deepEqual(Cmd.slice(-4), job.words);
    assert.deepEqual(
      made().Healthcheck,
      { Test: ['NONE'] },
      'the image may have one of the builder',
    );
    assert.deepEqual([Image, StopTimeout, StopSignal, Tty], ['dib:1', 30, 'SIGTERM', false]);
  });

  it('says whose it is', () => {
    const { name, Labels } = made();
    assert.equal(name, 'nodepool-build-b');
    assert.deepEqual(Labels, {
      'nodepool.builder': 'me',
      'nodepool.image': 'i',
      'nodepool.build': 'b',
    });
  });

  it('has secrets in its environment alone', () => {
    const { Env, ...rest } = made();
    assert.ok(Env?.includes('PASSWORD=hunter2'));
    assert.doesNotMatch(JSON.stringify(rest), /hunter2/);
  });

  it('stays after its end, and keeps all that it says', () => {
    const { HostConfig = {} } = made();
    assert.equal(HostConfig.AutoRemove, false);
    assert.equal(HostConfig.LogConfig?.Type, 'json-file');
  });

  it('works beside the images, unless the image says where', () => {
    assert.deepEqual(made().Env, [
      'TMPDIR=/images/i-b.work',
      'TMP_DIR=/images/i-b.work',
      'DIB_RELEASE=noble',
      'PASSWORD=hunter2',
    ]);
    for (const name of ['TMPDIR', 'TMP_DIR']) {
      const environment = { ...job.environment, [name]: '/big' };
      assert.deepEqual(made({}, environment).Env, [
        'DIB_RELEASE=noble',
        'PASSWORD=hunter2',
        `${name}=/big`,
      ]);
    }
  });

  it('keeps its downloads in the cache, unless the image says where', () => {
    const cached = (environment: Record<string, string>) =>
      made({ cacheDir: '/cache' }, { ...job.environment, ...environment }).Env?.filter((one) =>
        one.startsWith('DIB_IMAGE_CACHE='),
      );
    assert.deepEqual(cached({}), ['DIB_IMAGE_CACHE=/cache']);
    assert.deepEqual(cached({ DIB_IMAGE_CACHE: '/own' }), ['DIB_IMAGE_CACHE=/own']);
  });

  it('has the folders under their own paths', () => {
    const folders = { elementsDir: '/elements:/more', cacheDir: '/cache' };
    assert.deepEqual(made(folders).HostConfig?.Binds, [
      '/images:/images',
      '/elements:/elements:ro',
      '/more:/more:ro',
      '/cache:/cache',
      '/dev:/dev',
    ]);
  });

  it('has no /dev without privileges, but devices', () => {
    const { HostConfig = {} } = madeWith({
      privileged: false,
      devices: ['/dev/kvm', '/dev/a:/dev/b', '/dev/c:r', '/dev/d:/dev/e:rw'],
    });
    assert.equal(HostConfig.Privileged, false);
    assert.deepEqual(HostConfig.Binds, ['/images:/images']);
    assert.deepEqual(
      (HostConfig.Devices as DeviceMapping[]).map((one): unknown[] => Object.values(one)),
      [
        ['/dev/kvm', '/dev/kvm', 'rwm'],
        ['/dev/a', '/dev/b', 'rwm'],
        ['/dev/c', '/dev/c', 'r'],
        ['/dev/d', '/dev/e', 'rw'],
      ],
    );
  });

  it('has further mounts, which stand over ours at one place', () => {
    const { HostConfig = {} } = madeWith({
      mounts: ['/a', '/b:/c', '/d:ro', '/e:/f:ro', '/big:/images'],
    });
    assert.deepEqual(HostConfig.Binds, [
      '/big:/images',
      '/dev:/dev',
      '/a:/a',
      '/b:/c',
      '/d:/d:ro',
      '/e:/f:ro',
    ]);
  });

  it('has limits, network and user, where they are set', () => {
    const bare = made();
    assert.ok(!('User' in bare));
    for (const name of ['NanoCpus', 'Memory', 'NetworkMode'])
      assert.ok(!(name in (bare.HostConfig ?? {})), name);
    const { User, HostConfig = {} } = madeWith({
      ...{ cpus: 1.5, memoryMib: 512, network: 'host', user: '1000:1000' },
    });
    const { NanoCpus, Memory, NetworkMode } = HostConfig;
    assert.deepEqual(
      [User, NanoCpus, Memory, NetworkMode],
      ['1000:1000', 1_500_000_000, 536_870_912, 'host'],
    );
  });
});

describe('the container that cleans up', () => {
  it('has the work folder as its only argument, and no network', () => {
    const { Cmd, HostConfig = {}, Labels, User } = sweepOptions(plan, key);
    assert.deepEqual(Cmd, ['sweep', '/images/i-b.work']);
    assert.deepEqual(HostConfig.Binds, ['/images:/images', '/dev:/dev']);
    assert.equal(HostConfig.NetworkMode, 'none');
    assert.equal(User, '0');
    assert.deepEqual(Labels, made().Labels);
  });
});
