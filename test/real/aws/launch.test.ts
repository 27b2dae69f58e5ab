/** What labels and pools say arrives at EC2, and machines live and die, by the official SDK. */
import assert from 'node:assert/strict';

import { startSshd, type RunningSshd } from '../../../fixtures/ssh/sshd.ts';
import { tagList, tagRecord } from '../../../shared/drivers/aws/client/tags.ts';
import type { Scene } from '../../support/launcher-scene.ts';
import type { ZnodeRecord } from '../../support/zuul-side.ts';
import { motoOrSkip, type Moto } from './moto.ts';
import { Site, ZONE } from './site.ts';

const signal = new AbortController().signal;
const LABEL = 'small';

type Fields = Readonly<Record<string, unknown>>;

interface Ready {
  readonly node: ZnodeRecord;
  readonly id: string;
  /** The form of the call that made the machine. */
  readonly form: URLSearchParams;
}

describe('launches of our aws driver, by the official SDK', function () {
  this.timeout(300_000);
  let moto: Moto;
  let site: Site;
  let tests = 0;
  before(async function () {
    moto = await motoOrSkip(this);
  });
  beforeEach(async () => {
    site = await Site.open(moto, `launch-test-${++tests}`);
  });
  afterEach(async () => {
    await moto.steer('faults', undefined, 'DELETE');
    await site.close();
  });

  /** A node from its request to its end; then nothing is left. */
  async function live(
    { zuul }: Scene,
    whileReady: (ready: Ready) => void | Promise<void>,
    call = 'RunInstances',
  ): Promise<void> {
    const { id, nodes } = await zuul.ask([LABEL]);
    const node = (await zuul.node(nodes[0] ?? '')) ?? {};
    const { instance = '' } = node.external_id as { instance?: string };
    const form = site.proxy.forms(call).at(-1) ?? new URLSearchParams();
    await whileReady({ node, id: instance, form });
    await (await zuul.use(id, nodes)).giveBack();
    await zuul.untilGone(nodes, 60_000);
    await site.untilLeft();
  }

  const run = (
    label: Fields,
    steps: (ready: Ready) => void | Promise<void>,
    { pool = {}, call }: { readonly pool?: Fields; readonly call?: string } = {},
  ): Promise<void> =>
    site.play({ labels: { [LABEL]: label }, pool }, (scene) => live(scene, steps, call));

  it('make an instance on demand, with tags on all that is made', () =>
    run(
      { tags: { team: 'infra' }, 'dynamic-tags': { tenant: '{request.tenant_name}' } },
      async ({ node, id }) => {
        const machine = await site.services.compute.instance(id, signal);
        const tags = tagRecord(machine?.Tags);
        assert.equal(tags.team, 'infra');
        assert.equal(tags.tenant, 'tenant-one');
        assert.equal(tags.nodepool_provider_name, site.provider);
        assert.match(tags.Name ?? '', /^np\d{10}$/);
        const [volume, ...more] = (await site.left()).volumes ?? [];
        const mapping = machine?.BlockDeviceMappings?.[0]?.Ebs;
        assert.deepEqual([volume, more.length], [mapping?.VolumeId, 0]);
        assert.equal(node.public_ipv4, machine?.PublicIpAddress);
        assert.equal(node.private_ipv4, machine?.PrivateIpAddress);
        assert.deepEqual([node.cloud, node.region, node.az], ['AWS', moto.region, ZONE]);
        assert.equal((node.resources as Record<string, number>)['L-1216C47A'], 2);
      },
    ));

  it('make a spot instance', () =>
    run({ 'use-spot': true }, async ({ id, form }) => {
      assert.equal(form.get('InstanceMarketOptions.MarketType'), 'spot');
      const machine = await site.services.compute.instance(id, signal);
      assert.equal(machine?.InstanceLifecycle, 'spot');
    }));

  it('make an instance of a fleet', () =>
    run(
      {
        fleet: { 'instance-types': ['t3.micro', 'm5.large'], 'allocation-strategy': 'prioritized' },
      },
      ({ form }) => {
        assert.equal(form.get('Type'), 'instant');
        assert.equal(form.get('OnDemandOptions.AllocationStrategy'), 'prioritized');
        assert.equal(form.get('LaunchTemplateConfigs.1.Overrides.2.InstanceType'), 'm5.large');
      },
      { call: 'CreateFleet' },
    ));

  it('make an instance on a dedicated host, which goes with it', () =>
    run({ 'dedicated-host': true, 'instance-type': 'm5.large' }, async ({ node, form }) => {
      const { host, instance } = node.external_id as Record<string, string>;
      assert.ok(instance);
      assert.deepEqual((await site.left()).hosts, [host]);
      assert.equal(form.get('Placement.HostId'), host);
    }));

  it('ask for an IPv6 address', () =>
    run(
      {},
      ({ node, form }) => {
        assert.equal(form.get('NetworkInterface.1.Ipv6AddressCount'), '1');
        assert.match(String(node.public_ipv6), /^fd00::/);
      },
      { pool: { 'public-ipv6': true } },
    ));

  it('send what the label says of volumes, profile, user data and metadata', async () => {
    await moto.makeInstanceProfile('launch-test');
    await run(
      {
        ...{ 'volume-type': 'gp3', 'volume-size': 12, iops: 3500, throughput: 200 },
        ...{
          'iam-instance-profile': { name: 'launch-test' },
          'ebs-optimized': true,
          userdata: '#cloud-config\n',
          imdsv2: 'required',
        },
      },
      ({ form }) => {
        const volume = (name: string): string | null =>
          form.get(`BlockDeviceMapping.1.Ebs.${name}`);
        assert.deepEqual(
          ['VolumeType', 'VolumeSize', 'Iops', 'Throughput', 'DeleteOnTermination'].map(volume),
          ['gp3', '12', '3500', '200', 'true'],
        );
        assert.equal(form.get('EbsOptimized'), 'true');
        assert.equal(
          Buffer.from(form.get('UserData') ?? '', 'base64').toString(),
          '#cloud-config\n',
        );
        assert.equal(form.get('MetadataOptions.HttpTokens'), 'required');
        assert.equal(form.get('IamInstanceProfile.Name'), 'launch-test');
      },
    );
  });

  it('say which option is wrong, and decline', () =>
    site.play({ labels: { [LABEL]: { 'key-name': 'nobody' } } }, async ({ zuul, own }) => {
      const request = await zuul.submit([LABEL]);
      await zuul.untilState(request, 'failed', 60_000);
      assert.ok(own.lines.some((line) => line.includes('correct key-name of the label')));
      assert.equal(site.proxy.counts().RunInstances, 1);
      await zuul.cancel(request);
      await site.untilLeft();
    }));

  it('read the host keys of a real sshd at the public address', async () => {
    const sshd: RunningSshd = await startSshd({ address: '0.0.0.0' });
    try {
      const image = { name: 'image', username: 'zuul', 'image-id': moto.image };
      const port = { 'connection-port': sshd.port };
      await site.play(
        {
          labels: { [LABEL]: {} },
          provider: { 'cloud-images': [{ ...image, ...port }] },
          pool: { 'host-key-checking': true },
        },
        (scene) =>
          live(scene, ({ node }) => {
            assert.match(String(node.interface_ip), /^127\.65\./);
            assert.deepEqual(new Set(node.host_keys as string[]), new Set(sshd.hostKeys));
          }),
      );
    } finally {
      await sshd.stop();
    }
  });

  it('make one machine each though answers are lost', async () => {
    for (const call of ['RunInstances', 'DescribeInstances', 'TerminateInstances'])
      site.proxy.add(call, { mode: 'lose' });
    await run({}, async () => {
      assert.equal((await site.left()).instances?.length, 1);
    });
  });

  it('wait while AWS throttles', async () => {
    const fault = { mode: 'refuse', status: 503, code: 'RequestLimitExceeded', times: 3 } as const;
    site.proxy.add('RunInstances', fault);
    await run({}, () => {
      assert.equal(site.proxy.counts().RunInstances, 4);
    });
  });

  it('fail where AWS has no room, and try again first', () =>
    site.play(
      { labels: { [LABEL]: {} }, provider: { 'launch-retries': 2 } },
      async ({ zuul, own }) => {
        const fault = { status: 500, code: 'InsufficientInstanceCapacity', times: 9 };
        site.proxy.add('RunInstances', { mode: 'refuse', ...fault });
        const request = await zuul.submit([LABEL]);
        await zuul.untilState(request, 'failed', 60_000);
        assert.equal(site.proxy.counts().RunInstances, 2);
        assert.ok(own.lines.some((line) => line.includes('InsufficientInstanceCapacity')));
        await zuul.cancel(request);
        await site.untilLeft();
      },
    ));

  it('delete many machines in few calls', () =>
    site.play({ labels: { [LABEL]: {} } }, async ({ zuul }) => {
      const asked = await Promise.all(Array.from({ length: 5 }, () => zuul.ask([LABEL])));
      site.proxy.forget();
      await Promise.all(asked.map(async ({ id, nodes }) => (await zuul.use(id, nodes)).giveBack()));
      await zuul.untilGone(
        asked.flatMap(({ nodes }) => nodes),
        60_000,
      );
      await site.untilLeft();
      assert.ok((site.proxy.counts().TerminateInstances ?? 0) <= 4);
    }));

  it('take away what carries our tags and belongs to nobody', () =>
    site.play({ labels: { [LABEL]: {} } }, async () => {
      const tags = { nodepool_provider_name: site.provider, nodepool_node_id: '0000009999' };
      const foreign = { nodepool_provider_name: 'another', nodepool_node_id: '0000009999' };
      const machine = async (owner: Readonly<Record<string, string>>): Promise<string> => {
        const { InstanceId = '' } = await site.services.compute.runInstance(
          {
            ...{ ImageId: moto.image, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 },
            TagSpecifications: [{ ResourceType: 'instance', Tags: tagList(owner) }],
          },
          signal,
        );
        return InstanceId;
      };
      const other = await machine(foreign);
      await machine(tags);
      await site.untilLeft();
      const { State } = (await site.services.compute.instance(other, signal)) ?? {};
      assert.equal(State?.Name, 'running');
      await site.services.compute.terminate([other], signal);
    }));
});
