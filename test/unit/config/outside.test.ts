import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { compareConfigs } from '../../../shared/config/changes.ts';
import { loadConfig } from '../../../shared/config/load.ts';
import { InvalidConfigError } from '../../../shared/config/problem.ts';
import { projectRoot } from '../../support/peers.ts';

const EXAMPLE = join(projectRoot, 'contrib/example-driver');

const labels = ['small'].map((name) => ({ name }));
const pool = { name: 'main', labels: [{ name: 'small', kind: 'small', disk: 'd' }] };
const provider = { name: 'one', driver: 'park', area: 'north', pools: [pool] };

/** A driver whose section takes a name and pools. */
const module = (name: string): string => `
export const section = (kit) => kit.defineDriver({
  name: '${name}', about: '', managesImages: false,
  schema: () => kit.z.strictObject(kit.providerOptions),
  read: () => ({ ...kit.NO_IMAGES, ...kit.fixedTiming, launchRetries: 1, pools: [], options: 7 }),
});
export const driver = () => undefined;`;

describe('drivers from outside the tree', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nodepool-outside-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const load = async (
    drivers: unknown,
    providers: readonly unknown[] = [provider],
    environment: Readonly<Record<string, string>> = {},
  ) => {
    const path = join(folder, 'nodepool.yaml');
    const servers = [{ host: 'localhost' }];
    const file = { labels, providers, 'zookeeper-servers': servers, extensions: { drivers } };
    await writeFile(path, JSON.stringify(file));
    return (await loadConfig({ path, environment, builtDrivers: [] })).config;
  };

  const put = async (path: string, text: string): Promise<void> => {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
  };

  const refused = async (
    drivers: unknown,
    words: RegExp,
    providers?: readonly unknown[],
    environment?: Readonly<Record<string, string>>,
  ) => {
    await assert.rejects(load(drivers, providers, environment), (error) => {
      assert.ok(error instanceof InvalidConfigError, String(error));
      assert.match(error.message, words);
      assert.equal(error.problems.length, 1, error.message);
      return true;
    });
  };

  it('are found in a folder, and say what their providers mean', async () => {
    const config = await load({ park: { module: EXAMPLE, endpoint: 'http://park' } });
    const one = config.providers.get('one');
    assert.equal(one?.driverModule, pathToFileURL(join(EXAMPLE, 'index.js')).href);
    assert.equal(one.callsPerSecond, 10);
    assert.deepEqual(one.pools[0]?.labels.get('small')?.options, { kind: 'small', disk: 'd' });
    assert.deepEqual(
      config.extensions.drivers.park,
      { endpoint: 'http://park' },
      'its own options',
    );
  });

  it('are looked for from the folder of nodepool.yaml: files, and packages', async () => {
    await put('drivers/own.js', module('own'));
    await put('node_modules/@a/hired/package.json', '{"type": "module", "main": "./main.js"}');
    await put('node_modules/@a/hired/main.js', module('hired'));
    const config = await load(
      { own: { module: './drivers/own.js' }, hired: { module: '@a/hired' } },
      ['own', 'hired'].map((driver) => ({ name: driver, driver })),
    );
    assert.deepEqual(
      [...config.providers.values()].map(({ driver, options }) => [driver, options]),
      [
        ['own', 7],
        ['hired', 7],
      ],
    );
  });

  it('have their providers start anew where another module takes their place', async () => {
    const own = [{ name: 'one', driver: 'own' }];
    await put('a.js', module('own'));
    await put('b.js', module('own'));
    const before = await load({ own: { module: './a.js' } }, own);
    const after = await load({ own: { module: './b.js' } }, own);
    assert.deepEqual(compareConfigs(before, after).providersChanged, ['one']);
  });

  it('are refused at a provider whose section they fail to read', async () => {
    await put('own.js', module('own').replace('options: 7', 'options: missing()'));
    const drivers = { own: { module: './own.js' } };
    const words = /providers\[0\]: driver own cannot read it: missing is not defined/;
    await refused(drivers, words, [{ name: 'one', driver: 'own' }]);
  });

  it('cannot tell a secret with what they throw', async () => {
    const text = 'read: ({ name }) => { throw new Error(`${name} is no park`); }, unused';
    await put('own.js', module('own').replace('read', text));
    const words = /driver own cannot read it: what it says holds a secret/;
    const own = [{ name: '%(NODEPOOL_X)', driver: 'own' }];
    await refused({ own: { module: './own.js' } }, words, own, { NODEPOOL_X: 'swordfish' });
  });

  it('may give what is frozen already', async () => {
    await put('own.js', module('own').replace('options: 7', 'options: Object.freeze(new Map())'));
    const config = await load({ own: { module: './own.js' } }, [{ name: 'one', driver: 'own' }]);
    assert.ok(config.providers.get('one')?.options instanceof Map);
  });

  it('have their sections checked as ours are', async () => {
    const wrong = { ...provider, area: ['x'] };
    await refused({ park: { module: EXAMPLE } }, /providers\[0\]\.area: /, [wrong]);
  });

  const troubles: readonly (readonly [string, unknown, RegExp])[] = [
    ['is not there', { park: { module: './none' } }, /park\.module: .*Cannot find module/],
    [
      'is not installed',
      { park: { module: 'no-such-package' } },
      /park\.module: .*no-such-package/,
    ],
    ['has a name of ours', { aws: { module: EXAMPLE } }, /aws\.module: there is a driver aws/],
    ['has another name', { lot: { module: EXAMPLE } }, /lot\.module: .*section is named park/],
  ];
  for (const [what, drivers, words] of troubles)
    it(`are refused at their option where the module ${what}`, () => refused(drivers, words));

  for (const [what, text, words] of [
    ['exports nothing', 'export {};', /must export the functions section and driver/],
    ['cannot be read', 'export {', /driver own cannot be loaded/],
    ['throws', "throw new Error('no licence');", /no licence/],
    [
      'makes no section',
      "export const section = () => { throw new Error('why'); }; export const driver = 1 && (() => 1);",
      /why/,
    ],
  ] as const)
    it(`are refused where the module ${what}`, async () => {
      await put('own.js', text);
      await refused({ own: { module: './own.js' } }, words, [{ name: 'own', driver: 'own' }]);
    });

  it('are among the drivers that an unknown one is compared with', async () => {
    const wrong = { ...provider, driver: 'parc' };
    await refused({ park: { module: EXAMPLE } }, /did you mean park\?/, [wrong]);
  });
});
