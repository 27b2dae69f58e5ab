/**
 * The `aws` driver in a launcher with a configuration that asks for what there is not: the log names
 * it, what else is configured goes on, and all is well when it is there, without a restart.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { AwsSite, awsProvider, PROVIDER } from '../../support/aws-site.ts';
import { eventually } from '../../support/eventually.ts';
import { fakeProvider, type Scene } from '../../support/launcher-scene.ts';

type Fields = Readonly<Record<string, unknown>>;

interface Case {
  readonly what: string;
  /** Further options of the provider, and of the label. */
  readonly provider?: Fields;
  readonly label?: Fields;
  readonly break?: (site: AwsSite) => Promise<void> | void;
  /** In one line of the log. */
  readonly words: readonly RegExp[];
  readonly mend: (site: AwsSite) => Promise<void> | void;
}

const KEY_ID = 'AKIAMISTYPEDEXAMPLE';

/** The provider is absent. */
const OF_PROVIDER: readonly Case[] = [
  {
    what: 'the secret is wrong',
    break: (site) =>
      site.writeCredentials({ ...site.cloud.accessKey, secretAccessKey: 'mistyped' }),
    words: [/AuthFailure, status 401/, /correct the credentials of provider aws-one/],
    mend: (site) => site.writeCredentials(site.cloud.accessKey),
  },
  {
    what: 'AWS does not know the key',
    break: (site) => site.writeCredentials({ accessKeyId: KEY_ID, secretAccessKey: 'mistyped' }),
    words: [/AuthFailure, status 401/, /profile-name/],
    mend: (site) => site.writeCredentials(site.cloud.accessKey),
  },
  {
    what: 'the profile has no credentials',
    break: (site) => site.writeCredentials(site.cloud.accessKey, 'another'),
    words: [/profile memory/i, /credentials/],
    mend: (site) => site.writeCredentials(site.cloud.accessKey),
  },
];

/** The label is absent; the provider's others are not. */
const OF_LABEL: readonly Case[] = [
  {
    what: 'instance type',
    label: { 'instance-type': 'm9.large' },
    words: [/InvalidInstanceType|instance-type/, /m9\.large/],
    mend: ({ cloud: { catalog } }) => {
      const [type] = catalog.types;
      if (type) catalog.types.push({ ...type, name: 'm9.large' });
    },
  },
  {
    what: 'image',
    provider: {
      'cloud-images': [
        {
          ...{ name: 'image', username: 'zuul' },
          'image-filters': [{ name: 'name', values: ['image'] }],
        },
        {
          ...{ name: 'newer', username: 'zuul' },
          'image-filters': [{ name: 'name', values: ['image-2'] }],
        },
      ],
    },
    label: { 'cloud-image': 'newer' },
    words: [/cloud image not found.*"image":"newer"/, /image-2/],
    mend: ({ cloud: { plant } }) => {
      plant.image({ name: 'image-2' });
    },
  },
];

/** AWS refuses each instance of the label. */
const OF_LAUNCH: readonly Case[] = [
  {
    what: 'key pair',
    label: { 'key-name': 'absent' },
    words: [/InvalidKeyPair.NotFound.*'absent' does not exist/, /key-name/],
    mend: ({ cloud: { catalog } }) => {
      catalog.keyPairs.add('absent');
    },
  },
  {
    what: 'instance profile',
    label: { 'iam-instance-profile': { name: 'absent' } },
    words: [/Invalid IAM Instance Profile name/, /iam-instance-profile/],
    mend: ({ cloud: { catalog } }) => {
      catalog.profiles.add('absent');
    },
  },
];

describe('the aws driver in a launcher with a configuration that cannot work', () => {
  let site: AwsSite;
  beforeEach(async () => {
    site = await AwsSite.open();
  });
  afterEach(() => site.close());

  /** With a good label `small` of the same provider and `other` of another one. */
  const run = (
    one: Partial<Case>,
    steps: (scene: Scene) => Promise<void>,
    pool: Fields = {},
  ): Promise<void> =>
    site.play(steps, {
      providers: [
        awsProvider({
          labels: { small: {}, wanted: one.label ?? {} },
          provider: one.provider ?? {},
          pool,
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
        await one.mend(site);
        await untilAnswered(scene, 'small', 'fulfilled');
        await scene.zuul.ask(['wanted']);
      });
    });

  for (const one of [...OF_LABEL, ...OF_LAUNCH])
    it(`does without the label until AWS has its ${one.what}`, () =>
      run(one, async (scene) => {
        await scene.zuul.ask(['small']);
        await untilAnswered(scene, 'wanted', 'failed');
        const line = await told(scene, one.words);
        await isPlaceOf(line, 'wanted');
        await scene.zuul.ask(['other']);
        await one.mend(site);
        await untilAnswered(scene, 'wanted', 'fulfilled');
      }));

  for (const { option, value, words, mend } of [
    {
      ...{ option: 'subnet-id', value: 'subnet-0f0f0f0f0f0f0f0f0' },
      words: [/InvalidSubnetID.NotFound/, /correct subnet-id of the pool/],
      mend: (id: string) =>
        site.cloud.catalog.subnets.push({ id, zone: 'us-west-2a', hasIpv6: true }),
    },
    {
      ...{ option: 'security-group-id', value: 'sg-0f0f0f0f0f0f0f0f0' },
      words: [/InvalidGroup.NotFound/, /correct security-group-id of the pool/],
      mend: (id: string) => site.cloud.catalog.groups.add(id),
    },
  ])
    it(`does without the pool until AWS has its ${option}`, () =>
      run(
        {},
        async (scene) => {
          await untilAnswered(scene, 'small', 'failed');
          await told(scene, words);
          await scene.zuul.ask(['other']);
          mend(value);
          await untilAnswered(scene, 'small', 'fulfilled');
        },
        { [option]: value },
      ));

  it('goes on with the keys that the profile has now where the old ones are refused', () =>
    run({}, async ({ zuul }) => {
      await zuul.ask(['small']);
      const { cloud } = site;
      cloud.accessKey = { accessKeyId: 'AKIAROTATEDEXAMPLE', secretAccessKey: 'rotated' };
      await site.writeCredentials(cloud.accessKey);
      await zuul.ask(['small']);
    }));

  it('serves a request though the image has been replaced', () =>
    run({}, async ({ zuul }) => {
      await zuul.ask(['small']);
      const { images, plant } = site.cloud;
      for (const { id } of images.images.all()) images.images.delete(id);
      plant.image({ name: 'image' });
      await zuul.ask(['small']);
    }));
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
  assert.notEqual(path, '', line);
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
