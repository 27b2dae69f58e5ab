/**
 * Python Nodepool's own OpenStack adapter, with openstacksdk, takes our OpenStack in memory for a
 * cloud: the proof that what our driver is tested with is none that only it understands.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { OpenStackCloud } from '../../../fixtures/openstack-cloud/cloud.ts';
import { PASSWORD, PROJECT, USER } from '../../../fixtures/openstack-cloud/identity.ts';
import type { OpenStackCloudServer } from '../../../fixtures/openstack-cloud/server.ts';
import { run } from '../../../fixtures/processes/run.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { peersOrSkip } from '../../support/peers.ts';

const LABELS = [
  { name: 'a-plain', 'cloud-image': 'image', 'flavor-name': 'small' },
  { name: 'b-volume', 'cloud-image': 'image', 'min-ram': 4096, 'boot-from-volume': true },
  { name: 'c-full', 'cloud-image': 'image', 'flavor-name': 'small' },
  { name: 'd-unknown', 'cloud-image': 'no-such-image', 'flavor-name': 'small' },
];

interface Made {
  readonly id: string;
  readonly interface: string;
  readonly public: string;
  readonly private: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly error?: string;
}

interface Seen {
  readonly flavors: readonly string[];
  readonly zones: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
  readonly ready: Readonly<Record<string, boolean>>;
  readonly made: Readonly<Record<string, Made>>;
  readonly listed: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly console: string;
  readonly left: unknown;
  /** The id of one that was uploaded. */
  readonly image: string;
}

describe("the OpenStack in memory, before Python Nodepool's adapter", () => {
  let python: string;
  let folder: string;
  let cloud: OpenStackCloud;
  let server: OpenStackCloudServer | undefined;
  let seen: Seen;

  before(async function () {
    python = (await peersOrSkip(this)).nodepoolPython;
    folder = await mkdtemp(join(tmpdir(), 'openstack-cloud-'));
    cloud = new OpenStackCloud({ clock: systemClock, createSeconds: 0.2, pageSize: 2 });
    cloud.limits = { instances: 2, cores: 20, ramMib: 100_000, volumes: 5, volumeGb: 500 };
    server = await cloud.serve();
    seen = await lead(server.authUrl);
  });
  after(async () => {
    await server?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  /** Through the whole life. */
  const lead = async (authUrl: string): Promise<Seen> => {
    const names = { username: USER, project_name: PROJECT, user_domain_name: 'Default' };
    const auth = { auth_url: authUrl, password: PASSWORD, ...names };
    const entry = { region_name: 'RegionOne', auth: { ...auth, project_domain_name: 'Default' } };
    const clouds = join(folder, 'clouds.yaml');
    await writeFile(clouds, JSON.stringify({ clouds: { memory: entry } }));
    const pool = { name: 'main', 'max-servers': 5, networks: ['private'], labels: LABELS };
    const provider = {
      ...{ name: 'one', driver: 'openstack', cloud: 'memory', rate: 0.001 },
      'cloud-images': [{ name: 'image' }, { name: 'no-such-image' }],
      pools: [pool],
    };
    const config = join(folder, 'nodepool.yaml');
    const labels = LABELS.map(({ name }) => ({ name }));
    await writeFile(config, JSON.stringify({ labels, providers: [provider] }));
    const output = await run(
      python,
      ['-W', 'ignore', join(import.meta.dirname, 'adapter.py'), config],
      { env: { ...process.env, OS_CLIENT_CONFIG_FILE: clouds } },
    );
    return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Seen;
  };

  it('shows flavors, zones and limits', () => {
    assert.deepEqual(seen.flavors, ['small', 'medium', 'large']);
    assert.deepEqual(seen.zones.toSorted(), ['az-broken', 'az1']);
    const { instances, cores, ram, volumes } = seen.limits;
    assert.deepEqual([instances, cores, ram, volumes], [2, 20, 100_000, 5]);
  });

  it('has the images that it has', () => {
    const { 'd-unknown': unknown, ...known } = seen.ready;
    assert.equal(unknown, false);
    assert.deepEqual(Object.values(known), [true, true, true]);
  });

  it('makes a server with a floating IP, and one with a volume', () => {
    const { 'a-plain': plain, 'b-volume': volume } = seen.made;
    assert.match(plain?.public ?? '', /^127\.81\./);
    assert.match(plain?.private ?? '', /^127\.80\./);
    assert.equal(plain?.interface, plain?.public);
    assert.equal(plain?.metadata.nodepool_node_id, '0');
    const listed = seen.listed[volume?.id ?? ''];
    assert.deepEqual([listed?.volumes, listed?.['volume-gb'], listed?.cores], [1, 50, 2]);
  });

  it('says in a way that it understands that the quota is used up', () => {
    assert.deepEqual(seen.made['c-full'], { error: 'QuotaException' });
  });

  it('shows a console', () => {
    assert.match(seen.console, /^console of host-0/);
  });

  it('takes an image and its checksums', () => {
    const image = cloud.images.images.get(seen.image);
    assert.equal(image?.name, 'uploaded');
    assert.equal(image.status, 'active');
    assert.equal(image.properties['owner_specified.openstack.object'], 'images/uploaded');
    assert.match(image.data?.toString() ?? '', /"cloud-images"/);
  });

  it('has nothing left of the servers in the end', () => {
    assert.deepEqual(seen.left, {});
    const nothing = { servers: 0, ports: 0, floatingIps: 0, volumes: 0, images: 2 };
    assert.deepEqual(cloud.counts, nothing);
  });
});
