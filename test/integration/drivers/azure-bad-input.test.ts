/**
 * The `azure` driver in a launcher with a configuration that asks for what there is not: the log names
 * it, what else is configured goes on, and all is well when it is there, without a restart.
 */
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';

import { GROUP, SUBSCRIPTION } from '../../../fixtures/azure-cloud/ground.ts';
import { AzureSite, IMAGE, PROVIDER } from '../../support/azure-site.ts';
import { eventually } from '../../support/eventually.ts';
import { fakeProvider, type Scene } from '../../support/launcher-scene.ts';

type Fields = Readonly<Record<string, unknown>>;

interface Case {
  readonly what: string;
  /** Further options of the provider, and of the label. */
  readonly provider?: Fields;
  readonly label?: Fields;
  readonly break?: (site: AzureSite) => Promise<void>;
  /** In one line of the log. */
  readonly words: readonly RegExp[];
  /** Undefined: only another configuration would help. */
  readonly mend?: (site: AzureSite) => unknown;
}

const AUTH = /auth\.json/;

/** The provider is absent. */
const OF_PROVIDER: readonly Case[] = [
  {
    what: 'there is no file with the service principal',
    break: (site) => rm(site.authPath),
    words: [AUTH, /cannot be read: ENOENT/, /az ad sp create-for-rbac/],
    mend: (site) => site.writeAuth(),
  },
  {
    what: 'the file is no JSON',
    break: (site) => writeFile(site.authPath, 'clientSecret: mistyped'),
    words: [AUTH, /is no JSON/],
    mend: (site) => site.writeAuth(),
  },
  {
    what: 'the file lacks a part',
    break: (site) => site.writeAuth({ clientSecret: 'mistyped', subscriptionId: undefined }),
    words: [AUTH, /subscriptionId/],
    mend: (site) => site.writeAuth(),
  },
  {
    what: 'the secret is wrong',
    break: (site) => site.writeAuth({ clientSecret: 'mistyped' }),
    words: [AUTH, /AADSTS7000215: Invalid client secret provided/],
    mend: (site) => site.writeAuth(),
  },
  {
    what: 'the tenant is none',
    break: (site) => site.writeAuth({ tenantId: '11111111-2222-4333-8444-555555555555' }),
    words: [AUTH, /AADSTS90002: Tenant '11111111-.*' not found/],
    mend: (site) => site.writeAuth(),
  },
  {
    what: 'the subscription is none',
    break: (site) => site.writeAuth({ subscriptionId: '11111111-2222-4333-8444-555555555555' }),
    words: [/subscription '11111111-.*' could not be found/],
    mend: (site) => site.writeAuth(),
  },
  {
    what: 'the resource group is none',
    provider: {
      'resource-group': 'absent',
      network: { 'resource-group': GROUP, network: 'network' },
    },
    words: [/Resource group 'absent' could not be found/],
    mend: ({ cloud }) => cloud.groups.add('absent'),
  },
  {
    what: 'the subnet is none',
    provider: { network: { network: 'network', subnet: 'absent' } },
    words: [/no subnet absent in network network of resource group nodepool/],
    mend: ({ cloud: { network } }) => {
      const [subnet] = network.subnets;
      if (subnet) network.subnets.push({ ...subnet, name: 'absent' });
    },
  },
];

/** The label is absent; the provider's others are not. */
const OF_LABEL: readonly Case[] = [
  {
    what: 'size',
    label: { 'hardware-profile': { 'vm-size': 'Standard_Huge' } },
    words: [/there is no vm-size Standard_Huge/],
    mend: ({ cloud: { compute } }) => {
      const [size] = compute.sizes;
      if (size) compute.sizes.push({ ...size, name: 'Standard_Huge' });
    },
  },
  {
    what: 'image by its filter',
    provider: {
      'cloud-images': [
        IMAGE,
        {
          ...IMAGE,
          name: 'newer',
          'image-reference': undefined,
          'image-filter': { name: 'image-2' },
        },
      ],
    },
    label: { 'cloud-image': 'newer' },
    words: [/cloud image not found.*"filter":"name: image-2"/],
    mend: ({ cloud: { plant } }) => plant.image({ name: 'image-2' }),
  },
];

/** Azure says so when a machine is asked for. */
const OF_LAUNCH: readonly Case[] = [
  {
    what: 'image by its id',
    provider: {
      'cloud-images': [
        IMAGE,
        {
          ...{ ...IMAGE, name: 'newer', 'image-reference': undefined },
          'image-id': `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}/providers/Microsoft.Compute/images/image-2`,
        },
      ],
    },
    label: { 'cloud-image': 'newer' },
    words: [/InvalidParameter.*images\/image-2' cannot be found/],
    mend: ({ cloud: { plant } }) => plant.image({ name: 'image-2' }),
  },
  {
    what: 'user',
    provider: { 'cloud-images': [IMAGE, { ...IMAGE, name: 'newer', username: 'admin' }] },
    label: { 'cloud-image': 'newer' },
    words: [/InvalidParameter.*The Admin Username specified is not allowed/],
  },
];

describe('the azure driver in a launcher with a configuration that cannot work', () => {
  let site: AzureSite;
  beforeEach(async () => {
    site = await AzureSite.open();
  });
  afterEach(() => site.close());

  /** With a good label `small` of the same provider and `other` of another one. */
  const run = (one: Partial<Case>, steps: (scene: Scene) => Promise<void>): Promise<void> =>
    site.play(steps, {
      providers: [
        site.provider({
          labels: { small: {}, wanted: one.label ?? {} },
          provider: one.provider ?? {},
        }),
        fakeProvider({ labels: ['other'] }),
      ],
    });

  for (const one of OF_PROVIDER)
    it(`does without the provider until it is right: ${one.what}`, async () => {
      await one.break?.(site);
      await run(one, async (scene) => {
        const line = await told(scene, one.words);
        await isPlaceOf(line, PROVIDER);
        assert.ok(!scene.own.lines.join().includes('mistyped'), 'a secret in the log');
        await scene.zuul.ask(['other']);
        await untilAnswered(scene, 'small', 'failed');
        await one.mend?.(site);
        await untilAnswered(scene, 'small', 'fulfilled');
        await scene.zuul.ask(['wanted']);
      });
    });

  for (const one of OF_LABEL)
    it(`does without the label until Azure has its ${one.what}`, () =>
      run(one, async (scene) => {
        const line = await told(scene, one.words);
        await isPlaceOf(line, 'wanted');
        await scene.zuul.ask(['other']);
        await scene.zuul.ask(['small']);
        await untilAnswered(scene, 'wanted', 'failed');
        await one.mend?.(site);
        await untilAnswered(scene, 'wanted', 'fulfilled');
      }));

  for (const one of OF_LAUNCH)
    it(`says what Azure says of the label's ${one.what}, and that the request has failed`, () =>
      run(one, async (scene) => {
        await untilAnswered(scene, 'wanted', 'failed');
        await told(scene, one.words);
        await scene.zuul.ask(['other']);
        await scene.zuul.ask(['small']);
        if (one.mend === undefined) return;
        await one.mend(site);
        await untilAnswered(scene, 'wanted', 'fulfilled');
      }));

  it('goes on with the secret that the file has now where the old one is refused', () =>
    run({}, async ({ zuul }) => {
      await zuul.ask(['small']);
      const { login } = site.cloud;
      login.secret = 'rotated';
      login.revokeAll();
      await site.writeAuth({ clientSecret: 'rotated' });
      await zuul.ask(['small']);
    }));

  it('serves a request though the image that was chosen has been replaced', () => {
    const { images, plant } = site.cloud;
    const old = plant.image({ name: 'golden-1', tags: { kind: 'golden' } });
    const filter = { 'image-reference': undefined, 'image-filter': { tags: { kind: 'golden' } } };
    return site.play(
      async ({ zuul }) => {
        await zuul.ask(['small']);
        images.delete(old);
        plant.image({ name: 'golden-0', tags: { kind: 'golden' } });
        await zuul.ask(['small']);
        const asked = site.cloud.calls.filter((call) => call === 'PUT virtualMachines/*');
        assert.equal(asked.length, 3, 'once in vain');
      },
      {
        providers: [site.provider({ provider: { 'cloud-images': [{ ...IMAGE, ...filter }] } })],
        // The list of images is kept.
        intervals: { 'image-check': 600 },
      },
    );
  });
});

/** The line of the log that says all of that. */
async function told({ own }: Scene, words: readonly RegExp[]): Promise<string> {
  let found: string | undefined;
  await eventually(() => {
    found = own.lines.find((line) => words.every((word) => word.test(line)));
    assert.ok(found, own.lines.join('\n'));
  });
  return found ?? '';
}

/** The line of nodepool.yaml that a message leads to is where that name stands. */
async function isPlaceOf(line: string, name: string): Promise<void> {
  const [, path = '', number = ''] = /"place":"([^"]*nodepool\.yaml):(\d+)/.exec(line) ?? [];
  const text = await readFile(path, 'utf8');
  const rest = text.split('\n').slice(Number(number) - 1);
  assert.match(rest.slice(0, 2).join('\n'), new RegExp(`"name": "${name}"`));
}

/** Asks until it ends so. */
async function untilAnswered({ zuul }: Scene, label: string, state: string): Promise<void> {
  await eventually(async () => {
    const id = await zuul.submit([label]);
    let last: unknown;
    await eventually(async () => {
      last = (await zuul.request(id))?.state;
      assert.ok(last === 'fulfilled' || last === 'failed', String(last));
    });
    assert.equal(last, state);
  });
}
