/**
 * The `openstack` driver in a launcher with a configuration that asks for what there is not: the log
 * names it, what else is configured goes on, and all is well when it is there, without a restart.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { eventually } from '../../support/eventually.ts';
import { fakeProvider, type Scene } from '../../support/launcher-scene.ts';
import { OpenStackSite, openStackProvider } from '../../support/openstack-site.ts';

type Fields = Readonly<Record<string, unknown>>;

interface Case {
  readonly what: string;
  /** Further options of the provider, and of the label. */
  readonly provider?: Fields;
  readonly label?: Fields;
  readonly break?: (site: OpenStackSite) => Promise<void>;
  /** In one line of the log; each once only. */
  readonly words: readonly RegExp[];
  readonly mend: (site: OpenStackSite) => Promise<void> | void;
}

/** The provider is absent. */
const OF_PROVIDER: readonly Case[] = [
  {
    what: 'clouds.yaml has no such cloud',
    break: (site) => site.writeClouds({ other: site.entry() }),
    words: [/there is no cloud 'memory'/, /known are 'other'/, /read was [^ ]*clouds.yaml/],
    mend: (site) => site.writeClouds({ memory: site.entry() }),
  },
  {
    what: 'the password is wrong',
    break: (site) => site.writeClouds({ memory: site.entry({ password: 'mistyped' }) }),
    words: [/status 401/, /entry memory of clouds.yaml: keystone at http.* refuses .*nodepool/],
    mend: (site) => site.writeClouds({ memory: site.entry() }),
  },
  {
    what: 'the region is none of the catalog',
    break: (site) => site.writeClouds({ memory: site.entry({ region_name: 'RegionTwo' }) }),
    words: [/the catalog has no region RegionTwo, but RegionOne/],
    mend: (site) => site.writeClouds({ memory: site.entry() }),
  },
  {
    what: 'clouds.yaml names a network that the cloud has not',
    break: (site) => site.writeClouds({ memory: site.entry({ networks: [{ name: 'absent' }] }) }),
    words: [/clouds.yaml: there is no network absent/, /the cloud has: .*private.*public/],
    mend: ({ cloud }) => {
      cloud.network.addNetwork({ name: 'absent', cidrs: ['127.82.0.0/16'] });
    },
  },
];

/** The label is absent; the provider's others are not. */
const OF_LABEL: readonly Case[] = [
  {
    what: 'flavor',
    label: { 'flavor-name': 'huge' },
    words: [/no flavor for flavor-name: huge/, /the cloud has: .*small \(2048 MiB\)/],
    mend: ({ cloud: { compute } }) => {
      compute.flavors.push({ ...compute.flavor('small'), id: 'huge-id', name: 'huge' });
    },
  },
  {
    what: 'flavor with enough memory',
    label: { 'flavor-name': '', 'min-ram': 100_000 },
    words: [/no flavor for min-ram: 100000/, /the cloud has: .*large \(8192 MiB\)/],
    mend: ({ cloud: { compute } }) => {
      const small = compute.flavor('small');
      compute.flavors.push({ ...small, id: 'huge-id', name: 'huge', ramMib: 100_000 });
    },
  },
  {
    what: 'image',
    provider: { 'cloud-images': [{ name: 'image' }, { name: 'newer', 'image-name': 'image-2' }] },
    label: { 'cloud-image': 'newer' },
    words: [/cloud image not found.*"image":"image-2"/, /"existing":"image"/],
    mend: ({ cloud: { plant } }) => {
      plant.image({ name: 'image-2' });
    },
  },
  {
    what: 'network',
    label: { networks: ['absent'] },
    words: [/label wanted: there is no network absent/, /the cloud has: .*private.*public/],
    mend: ({ cloud }) => {
      cloud.network.addNetwork({ name: 'absent', cidrs: ['127.82.0.0/16'] });
    },
  },
];

describe('the openstack driver in a launcher with a configuration that cannot work', () => {
  let site: OpenStackSite;
  beforeEach(async () => {
    site = await OpenStackSite.open();
  });
  afterEach(() => site.close());

  /** With a good label `small` of the same provider and `other` of another one. */
  const run = (one: Partial<Case>, steps: (scene: Scene) => Promise<void>): Promise<void> =>
    site.play(steps, {
      providers: [
        openStackProvider({
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
        await isPlaceOf(line, 'openstack-one');
        assert.ok(!scene.own.lines.join().includes('mistyped'), 'a secret in the log');
        await scene.zuul.ask(['other']);
        await untilAnswered(scene, 'small', 'failed');
        await one.mend(site);
        await untilAnswered(scene, 'small', 'fulfilled');
        await scene.zuul.ask(['wanted']);
      });
    });

  for (const one of OF_LABEL)
    it(`does without the label until the cloud has its ${one.what}`, () =>
      run(one, async (scene) => {
        const line = await told(scene, one.words);
        await isPlaceOf(line, 'wanted');
        await scene.zuul.ask(['other']);
        await scene.zuul.ask(['small']);
        await untilAnswered(scene, 'wanted', 'failed');
        await one.mend(site);
        await untilAnswered(scene, 'wanted', 'fulfilled');
      }));

  it('goes on with the password that clouds.yaml has now where the old one is refused', () =>
    run({}, async ({ zuul }) => {
      await zuul.ask(['small']);
      const { identity } = site.cloud;
      identity.password = 'rotated';
      identity.revokeAll();
      await site.writeClouds({ memory: site.entry({ password: 'rotated' }) });
      await zuul.ask(['small']);
    }));

  it('serves a request though flavor and image have been replaced', () =>
    run({}, async ({ zuul }) => {
      await zuul.ask(['small']);
      const { compute, images, plant } = site.cloud;
      const at = compute.flavors.indexOf(compute.flavor('small'));
      compute.flavors[at] = { ...compute.flavor('small'), id: 'another-id' };
      await zuul.ask(['small']);
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
