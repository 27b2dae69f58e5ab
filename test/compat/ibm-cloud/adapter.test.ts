/**
 * Python Nodepool's own adapter for IBM VPC takes our IBM Cloud in memory for a cloud: the proof that
 * what our driver is tested with is none that only it understands. Its libraries are IBM's own.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { BUCKET } from '../../../fixtures/aws-cloud/storage/buckets.ts';
import { IbmCloud } from '../../../fixtures/ibm-cloud/cloud.ts';
import { REGION } from '../../../fixtures/ibm-cloud/ground.ts';
import { API_KEY } from '../../../fixtures/ibm-cloud/iam.ts';
import { STORAGE_NAME } from '../../../fixtures/ibm-cloud/resources.ts';
import type { IbmCloudServer } from '../../../fixtures/ibm-cloud/server.ts';
import type { InstanceRequest } from '../../../fixtures/ibm-cloud/vpc/instance-request.ts';
import { run } from '../../../fixtures/processes/run.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { peersOrSkip } from '../../support/peers.ts';

const label = (name: string, image: string, more = {}) => ({
  name,
  'cloud-image': image,
  profile: 'bx2-2x8',
  ...more,
});

const MAIN = [
  label('a-id', 'id', { 'user-data': 'hello' }),
  label('b-href', 'href'),
  label('c-name', 'name', { profile: 'cx2-2x4' }),
  label('d-filter', 'filter'),
  { name: 'e-diskimage', diskimage: 'own', profile: 'bx2-2x8' },
  label('g-absent', 'absent'),
  label('h-profile', 'id', { profile: 'bx2-9x9' }),
  label('i-full', 'id', { profile: 'bx2-4x16' }),
];
const INNER = [label('f-inner', 'id')];

interface Made {
  readonly id?: string;
  readonly interface?: string;
  readonly public?: string | null;
  readonly private?: string;
  readonly region?: string;
  readonly az?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly error?: string;
  readonly words?: string;
}

type Metadata = Readonly<Record<string, string>>;
type Resources = Readonly<Record<string, readonly (readonly [string, Metadata])[]>>;

interface Seen {
  readonly groupless: Made;
  readonly versionless: Made;
  readonly limits: Readonly<Record<string, number>>;
  readonly needs: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly made: Readonly<Record<string, Made>>;
  readonly listed: Readonly<
    Record<string, { metadata: Metadata; public: string | null; quota: Record<string, number> }>
  >;
  readonly resources: Resources;
  readonly left: Resources;
  readonly image: unknown;
  readonly empty: unknown;
}

describe("the IBM Cloud in memory, before Python Nodepool's adapter", () => {
  let folder: string;
  let cloud: IbmCloud;
  let server: IbmCloudServer | undefined;
  let seen: Seen;
  const disk = Buffer.alloc(12 * 2 ** 20 + 5, 'QFI image');
  /** What was asked for, by the name of the instance. */
  const requests = new Map<string, Partial<InstanceRequest>>();
  let imported: Buffer | undefined;

  before(async function () {
    this.timeout(120_000);
    const python = (await peersOrSkip(this)).nodepoolPython;
    folder = await mkdtemp(join(tmpdir(), 'ibm-cloud-'));
    cloud = new IbmCloud({
      ...{ clock: systemClock, createSeconds: 0.1, attachSeconds: 0.1, pageSize: 3 },
    });
    // Room for all but the largest one.
    cloud.limits = { instances: 20, cores: 13 };
    cloud.onCall = (call) => {
      for (const { name, request } of cloud.instances.instances.all()) requests.set(name, request);
      if (call === 'DELETE images/*')
        imported = cloud.images.images.all().find(({ data }) => data !== undefined)?.data;
    };
    server = await cloud.serve();
    seen = await lead(python, server);
  });
  after(async () => {
    await server?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  /** Through the whole life. */
  const lead = async (python: string, { origin }: IbmCloudServer): Promise<Seen> => {
    const credentials = join(folder, 'ibm-credentials.env');
    await writeFile(
      credentials,
      `VPC_AUTH_TYPE=iam\nVPC_APIKEY=${API_KEY}\nVPC_AUTH_URL=${origin}\n`,
    );
    const file = join(folder, 'image.qcow2');
    await writeFile(file, disk);
    const golden = cloud.plant.image({ name: 'golden' });
    const vendors = cloud.images.images.all();
    const config = join(folder, 'nodepool.yaml');
    const images = [
      { name: 'id', 'image-id': vendors[0]?.id, keys: ['ci-key', 'second-key'] },
      { name: 'href', 'image-href': `${origin}/v1/images/${golden.id}` },
      { name: 'name', 'image-name': 'golden' },
      {
        name: 'filter',
        'image-filter': {
          'operating-system': { family: 'Rocky Linux', 'dedicated-host-only': false },
          ...{ 'owner-type': 'provider', status: 'available' },
        },
      },
      { name: 'absent', 'image-id': 'r006-absent' },
    ];
    const provider = {
      ...{ name: 'one', driver: 'ibmvpc', region: REGION, vpc: 'ci-vpc', rate: 1000 },
      ...{ zone: 'us-south-1', subnet: 'ci-subnet-1', 'credentials-file': credentials },
      quota: { instances: 7 },
      'object-storage': { 'instance-name': STORAGE_NAME, endpoint: origin, 'bucket-name': BUCKET },
      'cloud-images': images.map((image) => ({ username: 'zuul', ...image })),
      diskimages: [{ name: 'own', 'operating-system': 'debian-12-amd64' }],
      pools: [
        { name: 'main', 'max-servers': 20, 'public-ipv4': true, labels: MAIN },
        {
          ...{ name: 'inner', 'max-servers': 20, zone: 'us-south-2', subnet: 'ci-subnet-2' },
          labels: INNER,
        },
      ],
    };
    await writeFile(
      config,
      JSON.stringify({
        labels: [...MAIN, ...INNER].map(({ name }) => ({ name })),
        providers: [provider],
        diskimages: [{ name: 'own', elements: ['vm'] }],
      }),
    );
    const output = await run(python, [
      ...['-W', 'ignore', join(import.meta.dirname, 'adapter.py')],
      ...[config, origin, file],
    ]);
    return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Seen;
  };

  it('shows limits and sizes', () => {
    assert.deepEqual(seen.limits, { instances: 7 });
    assert.deepEqual(seen.needs['e-diskimage'], { cores: 2, ram: 8, instances: 1 });
  });

  it('makes instances of images by each of their names, with public addresses', () => {
    const { made } = seen;
    for (const name of ['a-id', 'b-href', 'c-name', 'd-filter', 'e-diskimage']) {
      const one = made[name];
      assert.match(one?.public ?? '', /^127\.81\./, `${name}: ${JSON.stringify(one)}`);
      assert.match(one?.private ?? '', /^127\.80\./, name);
      assert.equal(one?.interface, one?.public);
      assert.deepEqual([one?.region, one?.az], [REGION, 'us-south-1']);
      const { nodepool_provider_name: its, nodepool_pool_name: pool } = one?.metadata ?? {};
      assert.deepEqual([its, pool], ['one', 'main']);
    }
    const { image, keys, user_data } = requests.get(made['a-id']?.id ?? '') ?? {};
    assert.equal(user_data, 'hello');
    assert.equal(keys?.length, 2);
    assert.ok(image && 'id' in image);
  });

  it('makes an instance without a public address in another zone', () => {
    const { 'f-inner': inner } = seen.made;
    assert.equal(inner?.public, null);
    assert.match(inner.private ?? '', /^127\.80\./);
    assert.deepEqual([inner.interface, inner.az], [inner.private, 'us-south-2']);
  });

  it('refuses what it has not, in words that it understands', () => {
    const { made } = seen;
    assert.equal(made['g-absent']?.error, 'not_found');
    assert.match(made['g-absent'].words ?? '', /Image r006-absent not found/);
    assert.match(made['h-profile']?.words ?? '', /Instance profile bx2-9x9 not found/);
    assert.equal(made['i-full']?.error, 'over_quota');
  });

  it('lists instances with what they take, page by page', () => {
    const { 'c-name': small, 'f-inner': inner } = seen.made;
    const listed = seen.listed[small?.id ?? ''];
    assert.deepEqual(listed?.quota, { cores: 2, ram: 4, instances: 1 });
    assert.equal(listed.public, small?.public);
    assert.equal(seen.listed[inner?.id ?? '']?.metadata.nodepool_pool_name, 'inner');
    for (const kind of ['instances', 'floating_ips', 'images', 'subnets'])
      assert.ok(cloud.calls.includes(`GET ${kind} page`), kind);
  });

  it('shows all that is left, with what its name and its group tell', () => {
    const nodes = (kind: string): unknown =>
      seen.resources[kind]?.map(([, { nodepool_node_id }]) => Number(nodepool_node_id));
    assert.deepEqual(nodes('instance'), [0, 1, 2, 3, 4, 5]);
    // Those of instances that were refused stay until they are deleted.
    assert.deepEqual(nodes('floatingip'), [0, 1, 2, 3, 4, 6, 7, 8]);
    assert.deepEqual(seen.resources.image?.at(-1), [
      'npimage0000000007',
      { nodepool_upload_id: '0000000007', nodepool_provider_name: 'one' },
    ]);
    assert.deepEqual(
      seen.resources.object?.map(([name]) => name),
      ['npimage0000000008.qcow2'],
    );
    const { instance = [], floatingip = [] } = seen.left;
    assert.deepEqual([instance, floatingip], [[], []]);
  });

  it('takes an image, part by part, and lets it go', () => {
    assert.ok(imported?.equals(disk), 'what was uploaded is what was imported');
    assert.equal(seen.image, null);
    assert.equal(cloud.counts.images, 1, 'the one that was there before');
    assert.ok(cloud.calls.filter((call) => call === 'UploadPart').length > 1);
    assert.equal(cloud.counts.uploads, 0);
    assert.deepEqual([cloud.counts.instances, cloud.counts.volumes], [0, 0]);
  });

  it('shows what the adapter cannot cope with', () => {
    // The answer to the making of a group does not say its name.
    assert.deepEqual([seen.groupless.error, seen.groupless.words], ['KeyError', "'name'"]);
    // Its library asks for a version that has the address elsewhere.
    assert.match(seen.versionless.words ?? '', /primary_ipv4_address/);
    // A bucket without objects.
    assert.deepEqual(seen.empty, { error: 'KeyError', words: "'Contents'" });
  });
});
