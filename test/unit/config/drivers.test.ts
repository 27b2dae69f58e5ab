import assert from 'node:assert/strict';

import type { AwsOptions, AwsPoolOptions } from '../../../schemas/config/drivers/aws.ts';
import type { AzureLabelOptions, AzurePoolOptions } from '../../../schemas/config/drivers/azure.ts';
import type { IbmVpcPoolOptions } from '../../../schemas/config/drivers/ibmvpc.ts';
import type { OpenStackLabelOptions } from '../../../schemas/config/drivers/openstack.ts';
import type { StaticPoolOptions } from '../../../schemas/config/drivers/static.ts';
import type { PoolConfig, ProviderConfig } from '../../../schemas/config/model.ts';
import { findings, good, loadText } from './load-text.ts';
import type { Loaded } from './load-text.ts';

const labels = 'labels: [{name: a}, {name: b}, {name: c}]\n';
const images =
  'diskimages: [{name: i, username: top, python-path: /py, shell-type: sh}, {name: x, abstract: true}]\n';

/** One provider `p`; the options are YAML in flow style. */
function load(options: string): Loaded {
  return loadText(`${labels}${images}providers: [{name: p, ${options}}]`);
}

function provider(options: string): ProviderConfig {
  const one = good(`${labels}${images}providers: [{name: p, ${options}}]`).providers.get('p');
  assert.ok(one);
  return one;
}

function firstPool<Options>(one: ProviderConfig): PoolConfig<Options> {
  const pool = one.pools[0];
  assert.ok(pool);
  return pool as PoolConfig<Options>;
}

function labelOptions(one: ProviderConfig, name = 'a'): unknown {
  const label = firstPool(one).labels.get(name);
  assert.ok(label);
  return label.options;
}

describe('any provider', () => {
  it('has the driver that it names, or openstack', () => {
    assert.equal(provider('cloud: c').driver, 'openstack');
    assert.equal(provider('driver: static').driver, 'static');
  });

  it('is fake if its name begins so, whatever driver it names', () => {
    const config = good('providers: [{name: fake-x, driver: aws, cloud: c}]');
    assert.equal(config.providers.get('fake-x')?.driver, 'fake');
  });

  it('has no limit of concurrency by default and where it is negative', () => {
    assert.equal(provider('cloud: c').maxConcurrency, Infinity);
    assert.equal(provider('cloud: c, max-concurrency: -3').maxConcurrency, Infinity);
    assert.equal(provider('cloud: c, max-concurrency: 0').maxConcurrency, 0);
  });

  it('gives its priority to pools that have none, else 100', () => {
    const pools = 'pools: [{name: m}, {name: n, priority: 3}]';
    assert.deepEqual(
      provider(`cloud: c, priority: 7, ${pools}`).pools.map((one) => one.priority),
      [7, 3],
    );
    assert.deepEqual(
      provider(`cloud: c, ${pools}`).pools.map((one) => one.priority),
      [100, 3],
    );
  });

  it('takes the last of pools of one name', () => {
    const loaded = load('driver: static, pools: [{name: m, priority: 1}, {name: m, priority: 2}]');
    assert.deepEqual(
      loaded.config?.providers.get('p')?.pools.map((one) => one.priority),
      [2],
    );
    assert.equal(findings(loaded, 'warning').length, 1);
  });

  it('is replaced by a later one of the same name', () => {
    const loaded = loadText('providers: [{name: p, cloud: c}, {name: p, driver: static}]');
    assert.equal(loaded.config?.providers.get('p')?.driver, 'static');
    assert.equal(findings(loaded, 'warning').length, 1);
  });

  it('disables a pool whose max-servers is zero or negative', () => {
    for (const value of [0, -1])
      assert.deepEqual(
        firstPool(provider(`cloud: c, pools: [{name: m, max-servers: ${value}}]`)).limits,
        {
          instances: 0,
        },
      );
  });

  it('keeps its section as it stands, to be compared', () => {
    assert.deepEqual(provider('cloud: c, rate: 2').raw, { name: 'p', cloud: 'c', rate: 2 });
  });
});

describe('connection ports', () => {
  const port = (image: string) =>
    provider(`cloud: c, cloud-images: [{name: i, ${image}}]`).cloudImages.get('i')?.connectionPort;

  it('follow from the connection type', () => {
    assert.equal(port('connection-type: ssh'), 22);
    assert.equal(port('connection-type: winrm'), 5986);
    assert.equal(port('connection-type: network_cli'), 22);
    assert.equal(port('connection-type: winrm, connection-port: 5985'), 5985);
  });
});

describe('openstack', () => {
  it('has the defaults of the original', () => {
    const one = provider('cloud: c');
    const { bootTimeoutSeconds, launchTimeoutSeconds, launchRetries, callsPerSecond } = one;
    assert.deepEqual(
      [bootTimeoutSeconds, launchTimeoutSeconds, launchRetries, callsPerSecond, one.managesImages],
      [60, 3600, 3, 1, true],
    );
  });

  it('reads rate as seconds between calls', () => {
    assert.equal(provider('cloud: c, rate: 0.25').callsPerSecond, 4);
    assert.equal(provider('cloud: c, rate: 0').callsPerSecond, Infinity);
  });

  it('logs in to uploaded images as the top-level image says', () => {
    const image = provider('cloud: c, diskimages: [{name: i, pause: true}]').diskimages.get('i');
    assert.deepEqual(
      [image?.username, image?.pythonPath, image?.shellType, image?.isPaused],
      ['top', '/py', 'sh', true],
    );
  });

  it('lets labels override what the pool says', () => {
    const one = provider(
      'cloud: c, pools: [{name: m, networks: [n], host-key-checking: false, labels: [{name: a, diskimage: i, min-ram: 1}, {name: b, diskimage: i, min-ram: 1, networks: [], host-key-checking: true}]}]',
    );
    assert.deepEqual((labelOptions(one, 'a') as OpenStackLabelOptions).networks, ['n']);
    assert.deepEqual((labelOptions(one, 'b') as OpenStackLabelOptions).networks, []);
    const checks = ['a', 'b'].map((name) => firstPool(one).labels.get(name)?.hostKeyChecking);
    assert.deepEqual(checks, [false, true]);
  });

  it('names all limits as quotas do', () => {
    const one = provider(
      'cloud: c, pools: [{name: m, max-servers: 1, max-cores: 2, max-ram: 3, max-volumes: 4, max-volume-gb: 5}]',
    );
    assert.deepEqual(firstPool(one).limits, {
      instances: 1,
      cores: 2,
      ram: 3,
      volumes: 4,
      'volume-gb': 5,
    });
  });

  it('takes labels of top-level images that it does not upload, but of no others', () => {
    const pool = (image: string) =>
      `cloud: c, pools: [{name: m, labels: [{name: a, diskimage: ${image}, min-ram: 1}]}]`;
    assert.ok(load(pool('i')).config);
    for (const image of ['x', 'nobody']) assert.equal(load(pool(image)).config, undefined, image);
  });

  it('wants one image and a size for a label, to be valid', () => {
    const said = (label: string) =>
      findings(
        load(
          `cloud: c, cloud-images: [{name: k}], pools: [{name: m, labels: [{name: a, ${label}}]}]`,
        ),
        'strict',
      ).map((line) => line.replace(/^.*?: /, ''));
    assert.deepEqual(said('diskimage: i, cloud-image: k, min-ram: 1'), [
      'stands beside diskimage: only one may be given',
    ]);
    assert.deepEqual(said('min-ram: 1'), ['needs diskimage or cloud-image']);
    assert.deepEqual(said('diskimage: i'), ['needs min-ram or flavor-name']);
    assert.deepEqual(said('diskimage: i, min-ram: 0'), []);
  });

  it('accepts the option that has no meaning any more, and says so', () => {
    assert.deepEqual(findings(load('cloud: c, nodepool-id: x'), 'warning'), [
      'providers[0].nodepool-id: has no effect: it has no meaning any more',
    ]);
  });
});

describe('static', () => {
  const node = (options: string) => {
    const one = provider(
      `driver: static, pools: [{name: m, nodes: [{name: h, labels: [a], ${options}}]}]`,
    );
    return firstPool<StaticPoolOptions>(one).options.nodes[0];
  };

  it('has the defaults of the original', () => {
    assert.deepEqual(node(''), {
      name: 'h',
      labels: ['a'],
      username: 'zuul',
      timeoutSeconds: 5,
      hostKeyChecking: true,
      hostKeys: [],
      connectionPort: 22,
      connectionType: 'ssh',
      shellType: undefined,
      pythonPath: 'auto',
      maxParallelJobs: 1,
    });
  });

  it('reads ssh-port where connection-port is not given', () => {
    assert.equal(node('ssh-port: 2222')?.connectionPort, 2222);
    assert.equal(node('ssh-port: 2222, connection-port: 23')?.connectionPort, 23);
    assert.equal(node('connection-type: winrm')?.connectionPort, 22);
  });

  it('takes one host key or several', () => {
    assert.deepEqual(node('host-key: k')?.hostKeys, ['k']);
    assert.deepEqual(node('host-key: [k, l]')?.hostKeys, ['k', 'l']);
  });

  it('offers each word of a text of labels, though the node carries the whole text', () => {
    const loaded = load('driver: static, pools: [{name: m, nodes: [{name: h, labels: a b}]}]');
    const pool = loaded.config?.providers.get('p')?.pools[0];
    assert.deepEqual([...(pool?.labels.keys() ?? [])], ['a', 'b']);
    assert.deepEqual((pool?.options as StaticPoolOptions).nodes[0]?.labels, ['a b']);
    assert.equal(findings(loaded, 'warning').length, 1);
  });

  it('refuses labels that are not in the top-level list', () => {
    const loaded = load('driver: static, pools: [{name: m, nodes: [{name: h, labels: [a, z]}]}]');
    assert.deepEqual(findings(loaded, 'error'), [
      'providers[0].pools[0].nodes[0].labels[1]: label z is not in the top-level list of labels',
    ]);
  });
});

describe('aws', () => {
  const base = 'driver: aws, region-name: r';

  it('has the defaults of the original', () => {
    const one = provider(base);
    assert.deepEqual(
      [one.bootTimeoutSeconds, one.launchTimeoutSeconds, one.launchRetries, one.callsPerSecond],
      [180, 3600, 3, 2],
    );
    assert.equal((one.options as AwsOptions).imageFormat, 'raw');
  });

  it('gives the provider’s limits and resources to pools, whose own win', () => {
    const one = provider(
      `${base}, max-servers: 5, max-cores: 6, max-resources: {L-1: 1, L-2: 2}, pools: [{name: m, max-cores: 7, max-resources: {L-2: 3}, labels: []}]`,
    );
    assert.deepEqual(firstPool(one).limits, { instances: 5, cores: 7, 'L-1': 1, 'L-2': 3 });
  });

  it('lets the old public-ip-address win over public-ipv4', () => {
    const ipv4 = (options: string) =>
      firstPool<AwsPoolOptions>(provider(`${base}, pools: [{name: m, labels: [], ${options}}]`))
        .options.publicIpv4;
    assert.equal(ipv4(''), true);
    assert.equal(ipv4('public-ipv4: false'), false);
    assert.equal(ipv4('public-ipv4: true, public-ip-address: false'), false);
  });

  it('adds the format of its uploads to the image', () => {
    const { config } = load(`${base}, image-format: vmdk, diskimages: [{name: i}]`);
    assert.deepEqual(config?.diskimages.get('i')?.formats, ['vmdk']);
  });

  it('logs in to uploads by its own entry, but for the user', () => {
    const image = provider(`${base}, diskimages: [{name: i}]`).diskimages.get('i');
    assert.deepEqual(
      [image?.username, image?.pythonPath, image?.shellType],
      ['top', 'auto', undefined],
    );
  });

  const refused: readonly (readonly [string, string])[] = [
    [
      'diskimages: [{name: i, imds-support: v2.0, import-method: image}]',
      'diskimages[0].imds-support',
    ],
    [
      'pools: [{name: m, labels: [{name: a, key-name: k, dedicated-host: true}]}]',
      'pools[0].labels[0].dedicated-host',
    ],
    [
      'pools: [{name: m, availability-zone: z, labels: [{name: a, key-name: k, dedicated-host: true, use-spot: true}]}]',
      'pools[0].labels[0].dedicated-host',
    ],
    [
      'pools: [{name: m, labels: [{name: a, key-name: k, diskimage: i}]}]',
      'pools[0].labels[0].diskimage',
    ],
    ['diskimages: [{name: x}]', 'diskimages[0].name'],
  ];
  for (const [options, path] of refused)
    it(`refuses ${options}`, () => {
      const loaded = load(`${base}, ${options}`);
      assert.equal(loaded.config, undefined);
      assert.deepEqual(
        loaded.problems.filter((one) => one.severity === 'error').map((one) => one.path),
        [`providers[0].${path}`],
      );
    });
});

describe('azure', () => {
  const base =
    'driver: azure, location: l, resource-group: g, resource-group-location: l, auth-path: f';
  const addresses = (options: string) =>
    firstPool<AzurePoolOptions>(
      provider(`${base}, ${options}, pools: [{name: m, max-servers: 1, labels: []}]`),
    ).options;

  it('gives a private address to each family with a public one, else IPv4', () => {
    const none = { ipv4: true, ipv6: false, publicIpv4: false, publicIpv6: false };
    assert.deepEqual(addresses('public-ipv4: false'), none);
    assert.deepEqual(addresses('public-ipv4: false, public-ipv6: true'), {
      ...none,
      ipv4: false,
      ipv6: true,
      publicIpv6: true,
    });
    assert.deepEqual(addresses('ipv6: true'), { ...none, ipv6: true, publicIpv4: true });
  });

  it('needs max-servers in each pool', () => {
    assert.deepEqual(findings(load(`${base}, pools: [{name: m, labels: []}]`), 'error'), [
      'providers[0].pools[0].max-servers: is missing',
    ]);
  });

  it('keeps user data as it stands, for the driver to encode', () => {
    const one = provider(
      `${base}, pools: [{name: m, max-servers: 1, labels: [{name: a, user-data: text, hardware-profile: {vm-size: s}}]}]`,
    );
    assert.equal((labelOptions(one) as AzureLabelOptions).userData, 'text');
  });

  it('takes the path of its credentials from the environment', () => {
    const { providers } = good(`providers: [{name: p, ${base.replace(', auth-path: f', '')}}]`, {
      environment: { AZURE_AUTH_LOCATION: '/auth' },
    });
    assert.equal((providers.get('p')?.options as { authPath: string }).authPath, '/auth');
  });
});

describe('ibmvpc', () => {
  const base = 'driver: ibmvpc, vpc: v, region: r';

  it('takes zone and subnet from the provider where the pool names none', () => {
    const one = provider(
      `${base}, zone: z, subnet: s, pools: [{name: m, max-servers: 1, subnet: t, labels: []}]`,
    );
    const { zone, subnet } = firstPool<IbmVpcPoolOptions>(one).options;
    assert.deepEqual([zone, subnet], ['z', 't']);
  });

  it('refuses a pool without them', () => {
    assert.deepEqual(
      findings(load(`${base}, pools: [{name: m, max-servers: 1, labels: []}]`), 'error'),
      [
        'providers[0].pools[0].zone: is needed here or in the provider',
        'providers[0].pools[0].subnet: is needed here or in the provider',
      ],
    );
  });

  it('is not valid with names that would be unclear in the names of resource groups', () => {
    const pools = 'zone: z, subnet: s, pools: [{name: m_n, max-servers: 1, labels: []}]';
    const loaded = loadText(`${labels}providers: [{name: p_q, ${base}, ${pools}}]`);
    const message = 'must have no _, which separates the names in those of resource groups';
    assert.deepEqual(findings(loaded, 'strict'), [
      `providers[0].name: ${message}`,
      `providers[0].pools[0].name: ${message}`,
    ]);
  });
});

describe('metastatic', () => {
  const loaded = (options: string) =>
    load(`driver: metastatic, pools: [{name: m, labels: [${options}]}]`);

  it('has the defaults of the original', () => {
    const one = provider(
      'driver: metastatic, pools: [{name: m, labels: [{name: a, backing-label: b}]}]',
    );
    assert.equal(one.bootTimeoutSeconds, 120);
    assert.equal(firstPool(one).labels.get('a')?.hostKeyChecking, false);
    assert.deepEqual(labelOptions(one), {
      backingLabel: 'b',
      maxParallelJobs: 1,
      graceTimeSeconds: 60,
      minRetentionTimeSeconds: 0,
      maxAgeSeconds: undefined,
    });
  });

  it('wants equal options of all labels with one backing label', () => {
    const same =
      '{name: a, backing-label: c, grace-time: 5}, {name: b, backing-label: c, grace-time: 5}';
    assert.ok(loaded(same).config);
    assert.equal(loaded(same.replace('grace-time: 5', 'grace-time: 6')).config, undefined);
  });

  it('refuses an age below the retention time', () => {
    const options = '{name: a, backing-label: c, min-retention-time: 9, max-age: 8}';
    assert.deepEqual(findings(loaded(options), 'error'), [
      'providers[0].pools[0].labels[0].max-age: must not be less than min-retention-time',
    ]);
  });
});

describe('gce, example, test', () => {
  it('have the defaults of the originals', () => {
    const gce = provider('driver: gce, region: r, project: p, zone: z');
    assert.deepEqual(
      [gce.bootTimeoutSeconds, gce.callsPerSecond, gce.managesImages],
      [60, 2, false],
    );
    const example = provider('driver: example, region: r, project: p');
    assert.deepEqual([example.launchRetries, example.callsPerSecond], [3, 1]);
    const test = provider('driver: test, pools: [{name: m, labels: [a, b]}]');
    assert.deepEqual([...firstPool(test).labels.keys()], ['a', 'b']);
  });
});
