/**
 * Python Nodepool's own Azure adapter takes our Azure in memory for a cloud: the proof that what our
 * driver is tested with is none that only it understands.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { AzureCloud } from '../../../fixtures/azure-cloud/cloud.ts';
import { GROUP, LOCATION, SUBSCRIPTION } from '../../../fixtures/azure-cloud/ground.ts';
import { CLIENT_ID, CLIENT_SECRET, TENANT } from '../../../fixtures/azure-cloud/login.ts';
import type { AzureCloudServer } from '../../../fixtures/azure-cloud/server.ts';
import { run } from '../../../fixtures/processes/run.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { peersOrSkip } from '../../support/peers.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 somebody';
const MARKETPLACE = {
  publisher: 'Canonical',
  offer: 'ubuntu-24_04-lts',
  sku: 'server',
  version: 'latest',
};
const GROUP_ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}`;
const IMAGES = `${GROUP_ID}/providers/Microsoft.Compute/images`;

/** Entries of cloud-images, each with a way of its own to name an image. */
const CLOUD_IMAGES = [
  { name: 'reference', 'image-reference': MARKETPLACE },
  { name: 'id', 'image-id': `${IMAGES}/golden` },
  { name: 'filter', 'image-filter': { location: LOCATION, tags: { kind: 'golden' } } },
  {
    name: 'community',
    'community-gallery-image': { 'gallery-name': 'gallery-1', name: 'debian-12' },
  },
  {
    name: 'shared',
    'shared-gallery-image': { 'gallery-name': 'gallery-2', name: 'rocky-9', version: '1.0.0' },
  },
  { name: 'absent', 'image-id': `${IMAGES}/absent` },
];

const size = (name: string) => ({ 'hardware-profile': { 'vm-size': name } });
const label = (name: string, image: string, more = {}) => ({
  name,
  'cloud-image': image,
  ...size('Standard_B1s'),
  ...more,
});

const MAIN = [
  label('a-reference', 'reference', { 'custom-data': 'hello', 'user-data': 'you' }),
  label('b-id', 'id', { 'volume-size': 64 }),
  label('c-filter', 'filter'),
  label('d-community', 'community'),
  label('e-shared', 'shared'),
  { name: 'f-diskimage', diskimage: 'own', ...size('Standard_D2s_v3'), tags: { team: 'red' } },
  label('h-absent', 'absent'),
  label('i-size', 'reference', size('Standard_Unknown')),
  label('j-restricted', 'reference', size('Standard_F2s_v2')),
  label('k-full', 'reference', size('Standard_D4s_v3')),
  label('l-no-address', 'reference'),
];
const INNER = [label('g-inner', 'reference')];

interface Made {
  readonly id?: string;
  readonly interface?: string;
  readonly public?: string;
  readonly private?: string;
  readonly private6?: string;
  readonly region?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly error?: string;
  readonly words?: string;
}

interface Seen {
  readonly subnet: string;
  readonly limits: Readonly<Record<string, number>>;
  readonly needs: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly made: Readonly<Record<string, Made>>;
  readonly listed: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly resources: Readonly<Record<string, readonly (readonly [string, string | null])[]>>;
  readonly refused: unknown;
  readonly left: Readonly<Record<string, readonly (readonly [string, string | null])[]>>;
  readonly image: string | null;
}

describe("the Azure in memory, before Python Nodepool's adapter", () => {
  let folder: string;
  let cloud: AzureCloud;
  let server: AzureCloudServer | undefined;
  let vhd: Buffer;
  let seen: Seen;
  /** The sizes of the disks of machines, by the machine's name. */
  const disks = new Map<string, number>();
  let uploaded: Buffer | undefined;

  before(async function () {
    const python = (await peersOrSkip(this)).nodepoolPython;
    folder = await mkdtemp(join(tmpdir(), 'azure-cloud-'));
    cloud = new AzureCloud({
      ...{ clock: systemClock, createSeconds: 0.1, operationSeconds: 0.2, pageSize: 2 },
      ...{ addressSeconds: 0.1, minUploadBytes: 1024 },
    });
    // Room for all but the largest machine, and for the addresses of all but the last one.
    cloud.limits = { instances: 20, cores: 10, publicIps: 7 };
    cloud.plant.image({ name: 'golden', tags: { kind: 'golden' } });
    cloud.plant.image({ name: 'a-golden', tags: { kind: 'golden' } });
    const tags = { nodepool_node_id: '99' };
    cloud.plant.nic({ tags, publicIp: cloud.plant.publicIp({ tags }) });
    // Pages of no round number, with a footer.
    vhd = Buffer.alloc(5 * 2 ** 20 + 512, 'image');
    vhd.write('conectix', vhd.length - 512);
    server = await cloud.serve();
    cloud.onCall = (call) => {
      if (call === 'DELETE virtualMachines/*')
        for (const { name, disk } of cloud.compute.machines.all())
          if (disk) disks.set(name, disk.sizeGb);
      if (call === 'DELETE images/*') uploaded = cloud.images.get(GROUP, 'uploaded')?.data;
    };
    seen = await lead(python, server);
  });
  after(async () => {
    await server?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  /** Through the whole life. */
  const lead = async (python: string, { origin, authority }: AzureCloudServer): Promise<Seen> => {
    const auth = join(folder, 'auth.json');
    const principal = { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET };
    const place = { tenantId: TENANT, subscriptionId: SUBSCRIPTION };
    await writeFile(auth, JSON.stringify({ ...principal, ...place }));
    const file = join(folder, 'image.vhd');
    await writeFile(file, vhd);
    const inner = { 'public-ipv4': false, ipv4: true, ipv6: true, 'use-internal-ip': true };
    const provider = {
      ...{ name: 'one', driver: 'azure', location: LOCATION, rate: 1000 },
      ...{ 'resource-group': GROUP, 'resource-group-location': LOCATION, 'auth-path': auth },
      network: 'network',
      'cloud-images': CLOUD_IMAGES.map((image) => ({ username: 'zuul', key: KEY, ...image })),
      diskimages: [{ name: 'own', username: 'zuul', key: KEY }],
      pools: [
        { name: 'main', 'max-servers': 20, labels: MAIN },
        { name: 'inner', 'max-servers': 20, ...inner, labels: INNER },
      ],
    };
    const config = join(folder, 'nodepool.yaml');
    await writeFile(
      config,
      JSON.stringify({
        labels: [...MAIN, ...INNER].map(({ name }) => ({ name })),
        providers: [provider],
        diskimages: [{ name: 'own', elements: ['vm'] }],
      }),
    );
    const output = await run(
      python,
      ['-W', 'ignore', join(import.meta.dirname, 'adapter.py'), config, origin, file],
      { env: { ...process.env, REQUESTS_CA_BUNDLE: authority } },
    );
    return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Seen;
  };

  it('shows a subnet, limits and sizes', () => {
    assert.match(seen.subnet, /\/virtualNetworks\/network\/subnets\/default$/);
    assert.deepEqual([seen.limits.instances, seen.limits.cores], [20, 10]);
    assert.deepEqual(seen.needs['f-diskimage'], { cores: 2, ram: 8192, instances: 1 });
  });

  it('makes machines of images of each kind, with addresses', () => {
    const labels = ['a-reference', 'b-id', 'c-filter', 'd-community', 'e-shared', 'f-diskimage'];
    for (const name of labels) {
      const made = seen.made[name];
      assert.match(made?.public ?? '', /^127\.81\./, name);
      assert.match(made?.private ?? '', /^127\.80\./, name);
      assert.equal(made?.interface, made?.public);
      assert.equal(made?.region, LOCATION);
      assert.equal(made.metadata?.nodepool_provider_name, 'one');
    }
    assert.equal(seen.made['f-diskimage']?.metadata?.team, 'red');
    assert.equal(disks.get(seen.made['b-id']?.id ?? ''), 64);
    assert.equal(disks.get(seen.made['a-reference']?.id ?? ''), 30);
  });

  it('makes a machine with addresses of both families', () => {
    const { 'g-inner': inner } = seen.made;
    assert.match(inner?.private6 ?? '', /^fd00:80::/);
    assert.equal(inner?.interface, inner?.private);
    assert.equal(inner?.public, null);
  });

  it('refuses what it has not, in words that it understands', () => {
    const { made } = seen;
    assert.equal(made['h-absent']?.error, 'InvalidParameter');
    assert.match(made['h-absent'].words ?? '', /images\/absent' cannot be found/);
    assert.match(made['i-size']?.words ?? '', /Standard_Unknown provided for the VM size/);
    assert.equal(made['j-restricted']?.error, 'SkuNotAvailable');
    assert.equal(made['k-full']?.error, 'OperationNotAllowed');
    assert.match(made['k-full'].words ?? '', /exceeding approved Total Regional Cores quota/);
    // It has failed after it was accepted.
    assert.equal(made['l-no-address']?.error, 'LaunchStatusException');
  });

  it('lists machines with what they take, page by page', () => {
    const { 'a-reference': plain, 'f-diskimage': larger } = seen.made;
    const { [plain?.id ?? '']: ofPlain, [larger?.id ?? '']: ofLarger } = seen.listed;
    assert.deepEqual(ofPlain, { cores: 1, ram: 1024, instances: 1 });
    assert.equal(ofLarger?.cores, 2);
    assert.ok(cloud.calls.includes('GET virtualMachines page'));
  });

  it('shows all that is left, with its tags, and lets an address go after its interface only', () => {
    const nodes = (kind: string): unknown => seen.resources[kind]?.map(([, node]) => node);
    const made = ['0', '1', '2', '3', '4', '5'];
    assert.deepEqual(nodes('INSTANCE'), [...made, '6', '11']);
    assert.deepEqual(nodes('nic'), ['99', ...made, '6', '11'], 'that of the failed machine, too');
    assert.deepEqual(nodes('pip'), ['99', ...made]);
    assert.deepEqual(nodes('disk'), [...made, '6']);
    assert.deepEqual(nodes('image'), [null, null, null]);
    const { image: images = [], ...others } = seen.left;
    assert.deepEqual(others, {});
    assert.equal(images.length, 3);
    assert.deepEqual(seen.refused, [['pip', 'PublicIPAddressCannotBeDeleted']]);
  });

  it('takes an image, byte by byte, and lets it go', () => {
    assert.ok(uploaded?.equals(vhd), 'what was uploaded is what is kept');
    assert.equal(seen.image, 'ResourceNotFound');
    assert.equal(cloud.counts.disks, 0);
    assert.equal(cloud.calls.filter((call) => call === 'PUT pages').length, 2);
  });
});
