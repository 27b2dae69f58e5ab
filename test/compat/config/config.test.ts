import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { Config, ProviderConfig, ProviderImage } from '../../../schemas/config/model.ts';
import { loadConfig } from '../../../shared/config/load.ts';
import { connectString } from '../../../shared/config/zookeeper.ts';
import { peersOrSkip, projectRoot } from '../../support/peers.ts';
import { scalarCases } from '../../unit/config/scalar-cases.ts';
import { cases } from './cases.ts';

/** What judge.py prints. */
interface Verdict {
  readonly loads: boolean;
  readonly valid: boolean;
  readonly error?: string;
  readonly config?: Record<string, unknown>;
}

const judge = join(import.meta.dirname, 'judge.py');
const clouds = ['fake', 'vendor-a', 'vendor-b']
  .map((name) => `  ${name}: {auth: {username: u, password: p, project_id: p, auth_url: u}}\n`)
  .join('');

describe('configurations, read by Python Nodepool and by us', () => {
  let python: string;
  let folder: string | undefined;

  before(async function () {
    const peers = await peersOrSkip(this);
    python = peers.nodepoolPython;
    folder = await mkdtemp(join(tmpdir(), 'nodepool-judge-'));
    await writeFile(inFolder('clouds.yaml'), `clouds:\n${clouds}`);
  });
  after(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  const inFolder = (name: string): string => join(folder ?? '', name);

  async function ask(
    files: readonly (readonly [main: string, secure: string])[],
  ): Promise<Verdict[]> {
    const { stdout } = await promisify(execFile)(python, [judge, ...files.flat()], {
      env: { ...process.env, OS_CLIENT_CONFIG_FILE: inFolder('clouds.yaml') },
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Verdict);
  }

  it('are refused and accepted by both, but for what we do otherwise on purpose', async () => {
    const files = cases.map((_, index) => [inFolder(`${index}.yaml`), '-'] as const);
    await Promise.all(cases.map(({ text }, index) => writeFile(files[index]?.[0] ?? '', text)));
    const verdicts = await ask(files);
    const ours = await Promise.all(files.map(([path]) => judgeOurs(path)));
    const wanted = cases.map(({ name, loadsOtherwise, isValidOtherwise }, index) => {
      const { loads, valid } = verdicts[index] ?? { loads: false, valid: false };
      // What the daemons do not read is not valid, either.
      const willLoad = loads !== (loadsOtherwise !== undefined);
      return {
        name,
        loads: willLoad,
        valid: willLoad && valid !== (isValidOtherwise !== undefined),
      };
    });
    assert.deepEqual(
      ours.map((one, index) => ({ name: cases[index]?.name, ...one })),
      wanted,
    );
  });

  it('give the same values: our examples', async () => {
    const examples = join(projectRoot, 'fixtures/configs');
    const names = (await readdir(examples)).filter((name) => name.endsWith('.yaml'));
    const files = names.map((name) => [join(examples, name), '-'] as const);
    const verdicts = await ask(files);
    for (const [index, [path]] of files.entries()) {
      const { config } = await loadConfig({ path, environment: {} });
      const theirs = comparable(verdicts[index]?.config);
      const ours = without(asTheirs(config), theirs);
      // The format for OpenStack stands in clouds.yaml, which only the driver reads.
      if ([...config.providers.values()].some(({ driver }) => driver === 'openstack'))
        for (const one of [ours, theirs]) dropFormats(one);
      assert.deepEqual(ours, theirs, path);
    }
  });

  it('give the same values with a secure file', async () => {
    const [path, securePath] = [inFolder('main.yaml'), inFolder('secure.yaml')];
    await writeFile(
      path,
      `zookeeper-servers: [{host: a}]
zookeeper-tls: {cert: c, key: k, ca: a}
diskimages: [{name: i, env-vars: {A: b, C: d}}, {name: j, parent: i}]
`,
    );
    await writeFile(
      securePath,
      `zookeeper-servers: [{host: "::1"}, {host: s, port: 1, chroot: /x}]
zookeeper-tls: {cert: x, key: y, ca: z}
diskimages: [{name: i, env-vars: {A: secret}}]
`,
    );
    const [verdict] = await ask([[path, securePath]]);
    const { config } = await loadConfig({ path, securePath, environment: {} });
    assert.deepEqual(asTheirs(config), comparable(verdict?.config));
  });

  it('have the scalars of PyYAML', async () => {
    const script =
      'import json, sys, yaml; print(json.dumps([yaml.safe_load(s) for s in json.load(sys.stdin)]))';
    const sources = scalarCases.map(([source]) => source);
    const child = promisify(execFile)(python, ['-c', script]);
    child.child.stdin?.end(JSON.stringify(sources));
    const answer = (await child).stdout.replaceAll(/(-?)Infinity/g, '"$1inf"');
    const theirs = JSON.parse(answer) as unknown[];
    const ours = scalarCases.map(([, value]) =>
      value === Infinity ? 'inf' : value === -Infinity ? '-inf' : value,
    );
    assert.deepEqual(theirs, ours);
  });
});

async function judgeOurs(path: string): Promise<{ loads: boolean; valid: boolean }> {
  try {
    const { warnings } = await loadConfig({ path, environment: {} });
    return { loads: true, valid: warnings.every(({ severity }) => severity !== 'strict') };
  } catch {
    return { loads: false, valid: false };
  }
}

const limit = (value: number | undefined): number | string =>
  value === undefined || value === Infinity ? 'inf' : value;

/** Our configuration in the words of judge.py. */
function asTheirs(config: Config): Record<string, unknown> {
  const { tls, servers, timeoutSeconds } = config.zookeeper;
  return comparable({
    zookeeper: connectString(servers),
    zookeeper_timeout: timeoutSeconds,
    tls: [tls?.cert ?? null, tls?.key ?? null, tls?.ca ?? null],
    max_hold_age: limit(config.maxHoldAgeSeconds),
    webapp: { port: config.webapp.port, listen_address: config.webapp.listenAddress },
    build_log_retention: config.buildLogRetention,
    labels: record(config.labels, ({ minReady, maxReadyAgeSeconds }) => [
      minReady,
      maxReadyAgeSeconds,
    ]),
    tenant_limits: Object.fromEntries(config.tenantLimits),
    diskimages: record(config.diskimages, (one) => ({
      elements: one.elements,
      env_vars: one.envVars,
      formats: [...one.formats].sort(),
      keep_formats: [...one.keepFormats].sort(),
      delete_after_upload: one.deleteAfterUpload,
      pause: one.isPaused,
      rebuild_age: one.rebuildAgeSeconds,
      build_timeout: one.buildTimeoutSeconds,
      release: one.release,
      username: one.username,
      python_path: one.pythonPath,
      shell_type: one.shellType ?? null,
      dib_cmd: one.dibCmd,
      metadata: one.metadata,
    })),
    providers: record(config.providers, providerAsTheirs),
  });
}

function providerAsTheirs(provider: ProviderConfig): Record<string, unknown> {
  const image = (one: ProviderImage): Record<string, unknown> => ({
    name: one.name,
    username: one.username ?? null,
    python_path: one.pythonPath,
    shell_type: one.shellType ?? null,
    connection_type: one.connectionType,
    connection_port: one.connectionPort,
  });
  return {
    driver: provider.driver,
    max_concurrency: provider.maxConcurrency === Infinity ? -1 : provider.maxConcurrency,
    boot_timeout: provider.bootTimeoutSeconds,
    launch_timeout: provider.launchTimeoutSeconds,
    launch_retries: provider.launchRetries,
    priority: provider.priority ?? null,
    rate: rateAsTheirs(provider),
    pools: record(new Map(provider.pools.map((pool) => [pool.name, pool])), (pool) => ({
      name: pool.name,
      max_servers: limit(pool.limits.instances),
      max_cores: limit(pool.limits.cores),
      max_ram: limit(pool.limits.ram),
      use_internal_ip: pool.useInternalIp,
      node_attributes: pool.nodeAttributes ?? null,
      labels: [...pool.labels.keys()].sort(),
    })),
    cloud_images: record(provider.cloudImages, image),
    diskimages: record(provider.diskimages, image),
  };
}

/** Seconds between calls for two drivers, calls per second for the others. */
function rateAsTheirs({ driver, callsPerSecond }: ProviderConfig): number {
  return driver === 'openstack' || driver === 'fake' ? 1 / callsPerSecond : callsPerSecond;
}

function record<T, R>(map: ReadonlyMap<string, T>, show: (one: T) => R): Record<string, R> {
  return Object.fromEntries([...map].map(([key, one]) => [key, show(one)]));
}

type Attributes = Record<string, unknown>;

function dropFormats({ diskimages }: Attributes): void {
  for (const image of Object.values(diskimages as Record<string, Attributes>)) delete image.formats;
}

/** The directory of build logs has its default elsewhere in the original. */
function comparable(config: Attributes | undefined): Attributes {
  const copy = structuredClone(config ?? {});
  delete copy.build_log_dir;
  return copy;
}

/** Our attributes without those that the original's class for the driver does not have. */
function without(ours: Attributes, theirs: Attributes | undefined): Attributes {
  const keep = (one: Attributes, other: Attributes | undefined): void => {
    for (const name of Object.keys(one))
      if (other?.[name] === undefined) Reflect.deleteProperty(one, name);
  };
  const sections = (one: Attributes | undefined, name: string): [string, Attributes][] =>
    Object.entries((one?.[name] ?? {}) as Record<string, Attributes>);
  const named = (one: Attributes | undefined, list: string, name: string): Attributes | undefined =>
    Object.fromEntries(sections(one, list))[name];
  for (const [name, provider] of sections(ours, 'providers')) {
    const other = named(theirs, 'providers', name);
    keep(provider, other);
    for (const [pool, attributes] of sections(provider, 'pools'))
      keep(attributes, named(other, 'pools', pool));
  }
  return ours;
}
