import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { run } from '../../../fixtures/processes/run.ts';
import { projectRoot } from '../../support/peers.ts';

/** Connects a driver, scans a host that is none, and names the packages that were loaded for it. */
const SCRIPT = `
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

const script = (args: readonly string[], environment = {}): Promise<string> =>
  run(process.execPath, ['--import=tsx', '--input-type=module', '-e', SCRIPT, ...args], {
    cwd: projectRoot,
    env: { ...process.env, ...environment },
  });

/** The addresses of all modules that the script loads: V8's coverage lists them. */
async function modulesOf(driver: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nodepool-lazy-'));
  try {
    await script([driver], { NODE_V8_COVERAGE: folder });
    const files = await readdir(folder);
    const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
    return texts.join('\n');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const SDKS = ['@aws-sdk', '@smithy', '@azure', 'undici'];

describe('drivers', () => {
  for (const name of ['fake', 'static'])
    it(`do not load an SSH library before a real host is scanned: ${name}`, async () => {
      assert.match(await script([name]), /ssh2 is not loaded/);
    });

  it('load it with the first scan', async () => {
    const { startSshServer } = await import('../../../fixtures/ssh/server.ts');
    const server = await startSshServer();
    try {
      const output = await script(['static', 'scan', String(server.port)]);
      assert.match(output, /ssh2 is not loaded\nssh2 is loaded/);
    } finally {
      await server.stop();
    }
  });

  for (const name of ['fake', 'static'])
    it(`load no cloud's libraries: ${name}`, async () => {
      const modules = await modulesOf(name);
      assert.ok(modules.includes(`shared/drivers/${name}/driver.ts`), 'modules are seen');
      for (const sdk of SDKS)
        assert.ok(!modules.includes(`/node_modules/${sdk}/`), `${sdk} is loaded`);
    });
});
