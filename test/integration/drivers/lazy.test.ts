import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { run } from '../../../fixtures/processes/run.ts';
import { driverNames } from '../../../shared/drivers/registry.ts';
import { driverGrounds } from '../../support/driver-grounds.ts';
import { projectRoot } from '../../support/peers.ts';

/** Connects a driver, scans a host that is none, and names the packages that were loaded for it. */
const SCAN = `
import { createRequire } from 'node:module';
import { systemClock as clock } from './shared/base/clock.ts';
import { silentLogger as log } from './shared/base/log.ts';
import { KeyScanner } from './shared/cloud/key-scan.ts';
import { loadDriver } from './shared/drivers/registry.ts';
const { signal } = new AbortController();
const config = { name: 'one', driver: process.argv[1], pools: [], options: {} };
const env = { clock, log, random: Math.random, environment: {}, pollSeconds: 1, imageCheckSeconds: 300 };
await (await loadDriver(config)).connect(config, env, signal);
const scanner = new KeyScanner({ clock, log });
await scanner.scan({ host: 'fake', port: 22, connectionType: 'ssh', bootTimeoutSeconds: 1, signal });
const files = Object.keys(createRequire(import.meta.url).cache);
console.log(files.some((file) => file.includes('/ssh2/')) ? 'ssh2 is loaded' : 'ssh2 is not loaded');
if (process.argv[2] === 'scan') {
  const target = { host: '127.0.0.1', port: Number(process.argv[3]), connectionType: 'ssh' };
  await scanner.scan({ ...target, bootTimeoutSeconds: 20, signal });
  const after = Object.keys(createRequire(import.meta.url).cache);
  console.log(after.some((file) => file.includes('/ssh2/')) ? 'ssh2 is loaded' : 'lost');
}
`;

/** Connects a provider, and tells the modules that were there before that from all. */
const CONNECT = `
import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { takeCoverage } from 'node:v8';
import { systemClock as clock } from './shared/base/clock.ts';
import { silentLogger as log } from './shared/base/log.ts';
import { loadDriver } from './shared/drivers/registry.ts';
import { providerConfig } from './test/support/provider-config.ts';
const { section, extension } = JSON.parse(process.argv[1]);
const config = providerConfig(JSON.stringify(section));
const driver = await loadDriver(config);
takeCoverage();
const folder = process.env.NODE_V8_COVERAGE;
const files = readdirSync(folder);
mkdirSync(folder + '/before');
for (const file of files) renameSync(folder + '/' + file, folder + '/before/' + file);
const { env: environment } = process;
const times = { pollSeconds: 1, imageCheckSeconds: 300 };
const borrowing = { settled: async () => {}, borrowed: () => [], launched: () => [], onChange: () => () => {} };
const env = { clock, log, random: Math.random, environment, extension, borrowing, ...times };
await (await driver.connect(config, env, new AbortController().signal)).close();
`;

const script = (
  text: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> =>
  run(process.execPath, ['--import=tsx', '--input-type=module', '-e', text, ...args], {
    cwd: projectRoot,
    env: { ...process.env, ...environment },
  });

interface Loaded {
  /** With the driver's own module, and with a provider of it: V8's coverage lists their addresses. */
  readonly before: string;
  readonly after: string;
}

async function loadedBy(name: string): Promise<Loaded> {
  const open = driverGrounds[name];
  assert.ok(open, `nothing to connect to for ${name}`);
  const folder = await mkdtemp(join(tmpdir(), 'nodepool-lazy-'));
  const ground = await open();
  try {
    const { section, extension, environment } = ground;
    const what = JSON.stringify({ section, extension });
    await script(CONNECT, [what], { ...environment, NODE_V8_COVERAGE: folder });
    return { before: await textsOf(join(folder, 'before')), after: await textsOf(folder) };
  } finally {
    await ground.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function textsOf(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.join('\n');
}

/** Packages, or scopes of them, by the drivers that need them. */
const SDKS: Readonly<Record<string, readonly string[]>> = {
  static: [],
  fake: [],
  metastatic: [],
  openstack: [],
  aws: ['@aws-sdk', '@smithy'],
  azure: ['@azure'],
  // Theirs is for kubeconfigs with an auth-provider, which this one has not.
  kubernetes: [],
  openshift: [],
  openshiftpods: [],
  gce: ['@google-cloud', 'google-gax', 'google-auth-library'],
  ibmvpc: ['ibm-cloud-sdk-core'],
};
const ALL = [...new Set(Object.values(SDKS).flat()), '@kubernetes', 'ibm-cos-sdk'];
/** An HTTP client is no SDK; those that need none load none nevertheless. */
const PLAIN = ['static', 'fake', 'metastatic'];

const sdksIn = (modules: string): string[] =>
  ALL.filter((name) => modules.includes(`/node_modules/${name}/`));

describe('drivers', () => {
  for (const name of ['fake', 'static'])
    it(`do not load an SSH library before a real host is scanned: ${name}`, async () => {
      assert.match(await script(SCAN, [name]), /ssh2 is not loaded/);
    });

  it('load it with the first scan', async () => {
    const { startSshServer } = await import('../../../fixtures/ssh/server.ts');
    const server = await startSshServer();
    try {
      const output = await script(SCAN, ['static', 'scan', String(server.port)]);
      assert.match(output, /ssh2 is not loaded\nssh2 is loaded/);
    } finally {
      await server.stop();
    }
  });

  it('are all looked at here', () => {
    const shipped = driverNames.filter((name) => name !== 'example');
    assert.deepEqual(Object.keys(SDKS).toSorted(), shipped);
  });

  for (const [name, own] of Object.entries(SDKS))
    it(`load no cloud's libraries but their own, and that with the first provider: ${name}`, async () => {
      const { before, after } = await loadedBy(name);
      assert.ok(before.includes(`shared/drivers/${name}/driver.ts`), 'modules are seen');
      assert.deepEqual(sdksIn(before), []);
      assert.deepEqual(sdksIn(after), own);
      if (PLAIN.includes(name)) assert.ok(!after.includes('/node_modules/undici/'));
    });
});
