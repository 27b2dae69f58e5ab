import assert from 'node:assert/strict';
import type { Disk, Image, VirtualMachine } from '@azure/arm-compute';
import type { NetworkInterface, PublicIPAddress } from '@azure/arm-network';

import { ManualClock } from '../../../../fixtures/clock.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import { SharedListing } from '../../../../shared/cloud/shared-listing.ts';
import { Leaks } from '../../../../shared/drivers/azure/leaks.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { refusal, stumble } from './store-services.ts';

const TAGS = { nodepool_provider_name: 'azure', nodepool_node_id: '0000000001' };
const UPLOAD = { nodepool_provider_name: 'azure', nodepool_build_id: '1', nodepool_upload_id: '2' };
const never = (): AbortSignal => new AbortController().signal;
const here = { location: 'eastus' };

interface Stock {
  readonly machines?: readonly VirtualMachine[];
  readonly interfaces?: readonly NetworkInterface[];
  readonly publicIps?: readonly PublicIPAddress[];
  readonly disks?: readonly Disk[];
  readonly images?: readonly Image[];
}

function subject({
  machines = [],
  interfaces = [],
  publicIps = [],
  disks = [],
  images = [],
}: Stock) {
  const clock = new ManualClock();
  const done: string[] = [];
  const said: unknown[] = [];
  const trouble: { error?: Error } = {};
  const act =
    (what: string) =>
    (name: string): Promise<void> => {
      done.push(`${what} ${name}`);
      return Promise.resolve();
    };
  const list =
    <T>(all: readonly T[]) =>
    () =>
      Promise.resolve(all);
  const leaks = new Leaks({
    services: {
      network: {
        interfaces: () =>
          trouble.error ? Promise.reject(trouble.error) : Promise.resolve(interfaces),
        publicIps: list(publicIps),
        ...{ deleteInterface: act('interface'), deletePublicIp: act('publicIp') },
      },
      disks: {
        ...{ list: list(disks), revoke: act('revoke'), delete: act('disk') },
        get: (name) => Promise.resolve(disks.find((one) => one.name === name)),
      },
      images: { list: list(images), delete: act('image') },
    },
    deletions: {
      run: (target) => act('machine')(JSON.stringify(target)),
    },
    log: { ...silentLogger, warn: (_, fields) => said.push(fields?.what) },
    machines: new SharedListing<ReadonlyMap<string, VirtualMachine>>({
      ...{ clock, pollSeconds: 1 },
      list: () => Promise.resolve(new Map(machines.map((one) => [one.name ?? '', one]))),
    }),
  });
  return {
    ...{ done, said, trouble },
    list: () => settleByTurning(clock, leaks.list(never())),
    remove: (kind: string, id: string) => leaks.delete({ kind, id, metadata: {} }, never()),
  };
}

describe('what may be left behind in azure', () => {
  it('are machines with the tags that they have, whosever they are', async () => {
    const other = { ...TAGS, nodepool_provider_name: 'other' };
    const { list } = subject({
      machines: [
        { ...here, name: 'np1', tags: TAGS },
        { ...here, name: 'np2', tags: other },
        { ...here, name: 'untagged' },
      ],
    });
    assert.deepEqual(await list(), [
      { kind: 'INSTANCEs', id: 'np1', externalId: 'np1', metadata: TAGS },
      { kind: 'INSTANCEs', id: 'np2', externalId: 'np2', metadata: other },
    ]);
  });

  it('are interfaces, addresses and disks that nothing uses, and images', async () => {
    const { list } = subject({
      interfaces: [
        { name: 'nic-left', tags: TAGS },
        { name: 'nic-used', tags: TAGS, virtualMachine: { id: '/machines/np1' } },
        { name: 'nic-untagged' },
      ],
      publicIps: [
        { name: 'ip-left', tags: TAGS },
        { name: 'ip-used', tags: TAGS, ipConfiguration: { id: '/nics/nic-left/ip' } },
        { name: 'ip-untagged' },
      ],
      disks: [
        { ...here, name: 'disk-left', tags: TAGS },
        { ...here, name: 'disk-used', tags: TAGS, managedBy: '/machines/np1' },
        { ...here, name: 'disk-untagged' },
      ],
      images: [
        { ...here, name: 'image-left', tags: UPLOAD },
        { ...here, name: 'image-untagged' },
      ],
    });
    assert.deepEqual(await list(), [
      { kind: 'nics', id: 'nic-left', metadata: TAGS },
      { kind: 'pips', id: 'ip-left', metadata: TAGS },
      { kind: 'disks', id: 'disk-left', metadata: TAGS },
      { kind: 'images', id: 'image-left', metadata: UPLOAD },
    ]);
  });

  it('are of the other kinds where one may not be listed, but not where a list stumbles', async () => {
    const disks = [{ ...here, name: 'disk-left', tags: TAGS }];
    const { list, trouble, said } = subject({ disks });
    trouble.error = refusal('no right');
    const expected = [{ kind: 'disks', id: 'disk-left', metadata: TAGS }];
    assert.deepEqual(await list(), expected);
    assert.deepEqual(await list(), expected);
    assert.deepEqual(said, ['list of nics']);
    trouble.error = stumble('lost');
    await assert.rejects(list(), /lost/);
  });

  it('is deleted, each kind in its way', async () => {
    const { done, remove } = subject({
      disks: [
        { ...here, name: 'plain', diskState: 'Unattached' },
        { ...here, name: 'waiting', diskState: 'ReadyToUpload' },
        { ...here, name: 'open', diskState: 'ActiveUpload' },
      ],
    });
    const kinds = ['INSTANCEs', 'nics', 'pips', 'images'];
    for (const kind of kinds) await remove(kind, 'one');
    for (const disk of ['plain', 'waiting', 'open', 'gone']) await remove('disks', disk);
    assert.deepEqual(done, [
      'machine {"externalId":"one","nodeId":"","driverData":null}',
      ...['interface one', 'publicIp one', 'image one'],
      ...['disk plain', 'disk waiting', 'revoke open', 'disk open'],
    ]);
  });
});
