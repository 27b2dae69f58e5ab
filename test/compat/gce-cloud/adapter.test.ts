/**
 * Python Nodepool's own GCE adapter takes our Compute Engine in memory for a cloud: the proof that what
 * our driver is tested with is none that only it understands.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { GceCloud } from '../../../fixtures/gce-cloud/cloud.ts';
import type { InstanceRequest } from '../../../fixtures/gce-cloud/compute/instance-request.ts';
import { PROJECT, REGION, ZONE } from '../../../fixtures/gce-cloud/ground.ts';
import type { GceCloudServer } from '../../../fixtures/gce-cloud/server.ts';
import { run } from '../../../fixtures/processes/run.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { createGceDriver } from '../../../shared/drivers/gce/driver.ts';
import { launchSpec } from '../../support/launch-spec.ts';
import { peersOrSkip } from '../../support/peers.ts';
import { providerConfig } from '../../support/provider-config.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 somebody';
const GOLDEN = `projects/${PROJECT}/global/images/golden`;

/** Entries of cloud-images, each with a way of its own to name an image. */
const CLOUD_IMAGES = [
  { name: 'family', 'image-project': 'debian-cloud', 'image-family': 'debian-12', key: KEY },
  { name: 'id', 'image-id': GOLDEN },
  { name: 'absent', 'image-id': `projects/${PROJECT}/global/images/absent` },
  { name: 'no-family', 'image-project': PROJECT, 'image-family': 'absent' },
];

const label = (name: string, image: string, type = 'n1-standard-1', more = {}) => ({
  ...{ name, 'cloud-image': image, 'instance-type': type },
  ...more,
});

const LABELS = [
  label('a-family', 'family'),
  label('b-id', 'id', 'e2-standard-4', { 'volume-type': 'pd-ssd', 'volume-size': 40 }),
  label('c-absent', 'absent'),
  label('d-no-family', 'no-family'),
  label('e-type', 'family', 'n1-absent'),
  label('f-small-disk', 'id', 'n1-standard-1', { 'volume-size': 10 }),
  label('g-full', 'family', 'n1-standard-4'),
  label('h-stopped', 'family'),
];

interface Made {
  readonly id?: string;
  readonly interface?: string;
  readonly public?: string;
  readonly private?: string;
  readonly region?: string;
  readonly az?: string;
  readonly cloud?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly quota?: Readonly<Record<string, number>>;
  readonly error?: string;
  readonly status?: number;
  readonly details?: readonly { readonly reason: string }[];
}

type Resources = readonly (readonly [type: string, id: string, node: string | null])[];

interface Seen {
  readonly limits: Readonly<Record<string, number>>;
  readonly needs: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly made: Readonly<Record<string, Made>>;
  readonly listed: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly resources: Resources;
  readonly left: Resources;
  readonly again: Made;
}

/** The provider's, of nodepool.yaml. */
const section = () => ({
  ...{ name: 'one', driver: 'gce', rate: 1000, project: PROJECT, region: REGION, zone: ZONE },
  'cloud-images': CLOUD_IMAGES.map((image) => ({ username: 'zuul', ...image })),
  pools: [{ name: 'main', 'max-servers': 20, labels: LABELS }],
});

const { signal } = new AbortController();

/** What is empty is as good as absent, and metadata has no order. */
function plain(value: unknown): unknown {
  if (Array.isArray(value))
    return value.map(plain).toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .map(([key, one]) => [key, plain(one)] as const)
    .filter(([, one]) => typeof one !== 'object' || one === null || Object.keys(one).length > 0);
  return Object.fromEntries(entries);
}

describe("the Compute Engine in memory, before Python Nodepool's adapter", () => {
  let folder: string;
  let cloud: GceCloud;
  let server: GceCloudServer | undefined;
  let seen: Seen;
  /** What was asked for, by name. */
  const requests = new Map<string, InstanceRequest | undefined>();

  before(async function () {
    const python = (await peersOrSkip(this)).nodepoolPython;
    folder = await mkdtemp(join(tmpdir(), 'gce-cloud-'));
    cloud = new GceCloud({ clock: systemClock, quotaShows: 'answer' });
    // Room for all but the largest machine.
    cloud.limits = { instances: 20, cores: 9 };
    cloud.plant.instance({ name: 'foreign' });
    cloud.plant.instance({ name: 'left', metadata: { nodepool_node_id: '99' } });
    cloud.plant.instance({ name: 'stopped', status: 'TERMINATED' });
    server = await cloud.serve();
    cloud.onCall = () => {
      for (const instance of cloud.compute.instances.all()) {
        requests.set(instance.id, instance.request);
        // The machine of the last label is stopped by somebody else.
        if (instance.id === 'np0000000007') instance.status = 'TERMINATED';
      }
    };
    seen = await lead(python, server);
  });
  after(async () => {
    await server?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  /** Through the whole life. */
  const lead = async (python: string, { origin }: GceCloudServer): Promise<Seen> => {
    const key = join(folder, 'key.json');
    await writeFile(key, JSON.stringify({ ...cloud.login.keyFile, token_uri: `${origin}/token` }));
    await writeFile(join(folder, 'google.json'), JSON.stringify(cloud.login.keyFile));
    const config = join(folder, 'nodepool.yaml');
    const labels = LABELS.map(({ name }) => ({ name }));
    await writeFile(config, JSON.stringify({ labels, providers: [section()] }));
    const output = await run(
      python,
      ['-W', 'ignore', join(import.meta.dirname, 'adapter.py'), config, origin],
      { env: { ...process.env, GOOGLE_APPLICATION_CREDENTIALS: key } },
    );
    return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Seen;
  };

  it('shows limits and sizes', () => {
    assert.deepEqual([seen.limits.instances, seen.limits.cores], [20, 9]);
    assert.deepEqual(seen.needs['b-id'], { cores: 4, instances: 1, ram: 16_384 });
  });

  it('makes instances of images of each kind, with addresses', () => {
    for (const name of ['a-family', 'b-id']) {
      const made = seen.made[name];
      assert.match(made?.public ?? '', /^127\.81\./, name);
      assert.match(made?.private ?? '', /^127\.80\./, name);
      assert.equal(made?.interface, made?.public);
      assert.deepEqual([made?.cloud, made?.region, made?.az], ['Google', REGION, ZONE]);
      assert.equal(made?.metadata?.nodepool_provider_name, 'one');
    }
    assert.equal(seen.made['a-family']?.metadata?.['ssh-keys'], `zuul:${KEY}`);
  });

  it('understands what it asks for', () => {
    const [disk] = requests.get('np0000000000')?.disks ?? [];
    const { sourceImage = '' } = disk?.initializeParams ?? {};
    assert.match(sourceImage, /debian-cloud\/global\/images\/debian-12-bookworm-v20261013$/);
    const [own] = requests.get('np0000000001')?.disks ?? [];
    assert.deepEqual(own, {
      boot: true,
      autoDelete: true,
      initializeParams: {
        sourceImage: GOLDEN,
        diskType: `zones/${ZONE}/diskTypes/pd-ssd`,
        diskSizeGb: '40',
      },
    });
  });

  it('refuses what it has not, in words that it understands', () => {
    const { made } = seen;
    const reason = (name: string) => [made[name]?.status, made[name]?.details?.[0]?.reason];
    assert.deepEqual(reason('c-absent'), [404, 'notFound']);
    assert.match(made['c-absent']?.error ?? '', /images\/absent' was not found/);
    assert.deepEqual(reason('d-no-family'), [404, 'notFound']);
    assert.deepEqual(reason('e-type'), [404, 'notFound']);
    assert.equal(seen.needs['e-type']?.status, 404);
    assert.deepEqual(reason('f-small-disk'), [400, 'invalid']);
    assert.deepEqual(reason('g-full'), [403, 'quotaExceeded']);
    assert.match(made['g-full']?.error ?? '', /Quota 'CPUS' exceeded. {2}Limit: 9\.0/);
    assert.equal(made['h-stopped']?.error, 'Instance in terminated state');
  });

  it('lists instances with what they take', () => {
    const { np0000000000: plain, np0000000001: larger, foreign } = seen.listed;
    assert.deepEqual(plain, { cores: 1, instances: 1, ram: 3840 });
    assert.deepEqual(larger, { cores: 4, instances: 1, ram: 16_384 });
    assert.deepEqual(foreign, plain);
  });

  it('shows all that is left, with its metadata, and lets it go', () => {
    assert.deepEqual(seen.resources, [
      ['instance', 'foreign', null],
      ['instance', 'left', '99'],
      ['instance', 'np0000000000', '0000000000'],
      ['instance', 'np0000000001', '0000000001'],
    ]);
    assert.deepEqual(seen.left, [['instance', 'foreign', null]]);
    assert.deepEqual([seen.again.status, seen.again.details?.[0]?.reason], [404, 'notFound']);
    assert.equal(cloud.counts.disks, 0);
  });

  it('is asked for the same by our driver, with no other calls but looks at operations', async () => {
    const ours = new GceCloud({ clock: systemClock });
    const provider = await createGceDriver({ fetch: ours.fetch }).connect(
      providerConfig(JSON.stringify(section())),
      {
        ...{ clock: systemClock, random: Math.random, log: silentLogger },
        ...{ pollSeconds: 0.05, imageCheckSeconds: 300, extension: undefined },
        environment: { GOOGLE_APPLICATION_CREDENTIALS: join(folder, 'google.json') },
      },
      signal,
    );
    try {
      for (const [number, name] of ['a-family', 'b-id'].entries()) {
        const spec = launchSpec(providerConfig(JSON.stringify(section())), name, {
          nodeId: String(number).padStart(10, '0'),
        });
        const { hostname: externalId } = spec;
        await provider.launch?.(spec, signal);
        const asked = ours.compute.instances.get(externalId)?.request;
        assert.deepEqual(plain(asked), plain(requests.get(externalId)));
        await provider.delete({ ...spec, externalId, driverData: null }, signal);
      }
      await provider.quotaLimits(signal);
    } finally {
      await provider.close();
    }
    const known = new Set([...cloud.calls, 'GET operations', 'GET instances/*']);
    assert.deepEqual(
      ours.calls.filter((call) => !known.has(call)),
      [],
    );
  });

  it('gives a token for a signed JWT, and it is used for all calls', () => {
    assert.equal(cloud.calls.filter((call) => call === 'POST token').length, 1);
    assert.equal(cloud.calls.filter((call) => call === 'GET images/family/*').length, 2);
  });
});
