/** A whole installation, and one with everything broken on purpose, before `nodepool doctor`. */
import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { PASSWORD } from '../../../fixtures/openstack-cloud/identity.ts';
import { freePorts } from '../../../fixtures/processes/ports.ts';
import { run } from '../../../fixtures/processes/run.ts';
import { newNode } from '../../../schemas/records/node.ts';
import { newRequest } from '../../../schemas/records/request.ts';
import { systemClock, type Clock } from '../../../shared/base/clock.ts';
import type { Diagnosis, Finding } from '../../../shared/cli/doctor/model.ts';
import { runCli } from '../../../shared/cli/run.ts';
import { CliSite, type Output } from '../../support/cli-site.ts';
import { eventually } from '../../support/eventually.ts';
import { launchInProcess, type InProcessLauncher } from '../../support/launcher-in-process.ts';
import { openStackProvider, OpenStackSite, PROVIDER } from '../../support/openstack-site.ts';
import { uniqueChroot, zookeeper } from '../../support/zookeeper.ts';

const DAY_MS = 86_400_000;
const NOW = Date.now() / 1000;

interface Settings {
  readonly environment?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  readonly securePath?: string;
}

async function doctor(path: string, args: readonly string[], settings: Settings = {}) {
  const { environment = {}, clock = systemClock, securePath } = settings;
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli({
    args: ['-c', path, ...(securePath === undefined ? [] : ['-s', securePath]), 'doctor', ...args],
    ...{ version: '1.2.3', environment, hostname: 'host', clock },
    signal: AbortSignal.timeout(60_000),
    print: (line) => out.push(line),
    warn: (line) => err.push(line),
    write: () => Promise.resolve(),
  });
  const output: Output = { code, out: out.join('\n'), err: err.join('\n') };
  return output;
}

async function findings(path: string, settings: Settings = {}, ...args: string[]) {
  const { out, err } = await doctor(path, ['--json', ...args], settings);
  assert.equal(err, '');
  return (JSON.parse(out) as Diagnosis).checks.flatMap((check) => check.findings);
}

const told = (all: readonly Finding[], code: string): Finding => {
  const found = all.find((one) => one.code === code);
  assert.ok(found, `${code} is not among ${all.map((one) => one.code).join(', ')}`);
  return found;
};

const cloud = {
  ...{ name: 'cloud', driver: 'fake', cloud: 'any', 'cloud-images': [{ name: 'Fake Precise' }] },
  pools: [
    {
      ...{ name: 'main', 'max-servers': 5 },
      labels: [{ name: 'small', 'cloud-image': 'Fake Precise', 'min-ram': 1 }],
    },
  ],
};

describe('nodepool doctor before an installation that is well', () => {
  let site: CliSite;
  let launcher: InProcessLauncher;
  let webapp: Server;

  before(async () => {
    webapp = createServer((_, response) => response.end('OK'));
    await new Promise<void>((resolve) => webapp.listen(0, '127.0.0.1', resolve));
    const { port } = webapp.address() as AddressInfo;
    const sections = { labels: [{ name: 'small' }], providers: [cloud] };
    const chroot = uniqueChroot('doctor');
    site = await CliSite.make({ ...sections, webapp: { port } }, chroot);
    const { plainHosts } = await zookeeper();
    launcher = await launchInProcess({
      ...{ connectString: plainHosts + chroot, config: sections, hostname: 'host' },
    });
    await eventually(async () => {
      const { children } = await site.client.children('/nodepool/components/pool');
      assert.equal(children.length, 1);
    });
  });

  after(async () => {
    await launcher.stop();
    await site.close();
    webapp.close();
  });

  it('finds nothing', async () => {
    const { code, out, err } = await doctor(site.configPath, []);
    // A loaded machine answers slowly, which is a warning.
    const isSlow = out.includes('a read takes');
    const head = isSlow ? '1 warning (11 checks)' : 'all is well (11 checks)';
    assert.equal(out.split('\n', 1)[0], head);
    const skipped = out.split('\n').slice(-2);
    assert.deepEqual(skipped, [
      'not looked at: images (there are no diskimages)',
      'not looked at: disk (images-dir is not set)',
    ]);
    assert.deepEqual([code, err], [0, '']);
  });

  it('leaves nothing behind', async () => {
    const { children } = await site.client.children('/nodepool');
    await doctor(site.configPath, []);
    assert.deepEqual((await site.client.children('/nodepool')).children, children);
    assert.ok(!children.some((name) => name.startsWith('doctor')));
  });

  it('does not connect to providers where it is not to', async () => {
    const { code, out } = await doctor(site.configPath, ['--no-clouds']);
    assert.equal(code, 0);
    assert.match(out, /not looked at: providers \(--no-clouds\)/);
    const wrong = await doctor(site.configPath, ['--provider', 'other']);
    assert.deepEqual([wrong.code, wrong.out], [1, '']);
    assert.match(wrong.err, /there is no provider other in /);
  });

  it('tells of certificates that expire, and of clocks that differ', async () => {
    const later = (days: number): Clock => ({
      ...systemClock,
      now: () => Date.now() + days * DAY_MS,
    });
    // They are made for 3650 days.
    const soon = await findings(site.configPath, { clock: later(3630) });
    const expiring = soon.filter(({ code }) => code === 'certificate-expires');
    assert.deepEqual(
      expiring.map(({ severity, seen }) => `${severity} ${seen.replace(/ on .*/, '')}`),
      [
        'warning the client certificate expires',
        'warning the authority expires',
        'warning the server certificate expires',
      ],
    );
    assert.equal(told(soon, 'clock-skew').severity, 'problem');
    const late = await findings(site.configPath, { clock: later(3651) });
    assert.equal(late.filter(({ code }) => code === 'certificate-expired').length, 3);
    const early = await findings(site.configPath, { clock: later(-2) });
    assert.equal(early.filter(({ code }) => code === 'certificate-not-yet-valid').length, 3);
  });
});

describe('nodepool doctor before what is broken', () => {
  let site: CliSite;

  before(async () => {
    site = await CliSite.make({ labels: [{ name: 'small' }], providers: [cloud] });
  });
  after(() => site.close());

  /** The site's configuration with something else in it. */
  async function changed(sections: object): Promise<string> {
    const config = JSON.parse(await readFile(site.configPath, 'utf8')) as object;
    const path = join(site.folder, 'changed.yaml');
    await writeFile(path, JSON.stringify({ ...config, ...sections }, undefined, 1));
    return path;
  }

  it('says what is wrong with the files, and looks at what it can', async () => {
    const path = await changed({ labels: [{ nam: 'small' }] });
    const { code, out, err } = await doctor(path, []);
    assert.deepEqual([code, err], [1, '']);
    assert.match(out, /^problem {2}configuration: \S+changed\.yaml: \d+:\d+: labels\[0\]/m);
    assert.match(out, /^not looked at: zookeeper servers, .*\(the configuration is not valid\)$/m);
    const none = await doctor(join(site.folder, 'none.yaml'), []);
    assert.equal(none.code, 1);
    assert.match(none.out, /cannot be read: it does not exist/);
  });

  it('tells of a secure file that is open, and never what is in it', async () => {
    const securePath = join(site.folder, 'secure.yaml');
    await writeFile(securePath, '{"diskimages": [{"name": "x", "env-vars": {"KEY": "sesame"}}]}');
    await chmod(securePath, 0o644);
    const all = await findings(site.configPath, { securePath });
    assert.equal(told(all, 'secure-file-open').severity, 'problem');
    assert.ok(!JSON.stringify(all).includes('sesame'));
    await chmod(securePath, 0o640);
    const again = await findings(site.configPath, { securePath });
    assert.ok(!again.some(({ code }) => code === 'secure-file-open'));
  });

  it('tells of a server that does not answer, and goes on with the other', async () => {
    const config = JSON.parse(await readFile(site.configPath, 'utf8')) as Record<string, object[]>;
    const [port = 0] = await freePorts(1);
    const [server] = config['zookeeper-servers'] ?? [];
    const servers = [{ host: '127.0.0.1', port }, server];
    const all = await findings(await changed({ 'zookeeper-servers': servers }));
    const { object, seen } = told(all, 'server-unreachable');
    assert.equal(object, `127.0.0.1:${port}`);
    assert.match(seen, /ECONNREFUSED/);
    told(all, 'no-launcher');
  });

  it('ends with an answer where no server is there', async () => {
    const [port = 0] = await freePorts(1);
    const path = await changed({ 'zookeeper-servers': [{ host: '127.0.0.1', port }] });
    const { code, out, err } = await doctor(path, ['--no-clouds']);
    assert.deepEqual([code, err], [1, '']);
    assert.match(out, /zookeeper session: ZooKeeper: none of the servers gives a session/);
    assert.match(out, /^not looked at: daemons, .*nodes.*\(ZooKeeper cannot be asked\)$/m);
  });

  it('tells of a certificate that has expired, of a wrong key, and of another authority', async () => {
    const { tls } = await zookeeper();
    const at = (name: string): string => join(site.folder, name);
    const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    await run('openssl', [
      ...['req', '-x509', ...KEY, '-days', '3650', '-subj', '/CN=other authority'],
      ...['-keyout', at('other.key'), '-out', at('other.pem')],
    ]);
    await run('openssl', [
      'req',
      ...KEY,
      '-subj',
      '/CN=me',
      '-keyout',
      at('me.key'),
      '-out',
      at('me.csr'),
    ]);
    await run('openssl', [
      ...['x509', '-req', '-in', at('me.csr'), '-CA', at('other.pem'), '-CAkey', at('other.key')],
      ...['-CAcreateserial', '-days', '-1', '-out', at('me.pem')],
    ]);
    await chmod(at('me.key'), 0o644);
    const mine = { cert: at('me.pem'), key: at('me.key'), ca: tls.ca };
    const all = await findings(await changed({ 'zookeeper-tls': mine }), {}, '--no-clouds');
    assert.equal(told(all, 'certificate-expired').object, at('me.pem'));
    assert.equal(told(all, 'certificate-not-signed').object, at('me.pem'));
    assert.equal(told(all, 'key-open').object, at('me.key'));
    assert.match(told(all, 'server-unreachable').seen, /^TLS: .*certificate/);
    told(all, 'no-session');

    const wrong = { cert: tls.cert, key: at('me.key'), ca: at('other.pem') };
    const others = await findings(await changed({ 'zookeeper-tls': wrong }), {}, '--no-clouds');
    assert.equal(told(others, 'key-does-not-match').object, at('me.key'));
    told(others, 'server-not-trusted');
    const missing = { ...mine, cert: at('none.pem'), key: at('me.csr') };
    const files = await findings(await changed({ 'zookeeper-tls': missing }), {}, '--no-clouds');
    assert.deepEqual(
      files.filter(({ code }) => code === 'certificate-unreadable').map(({ object }) => object),
      [at('none.pem'), at('me.csr')],
    );
  });
});

describe('nodepool doctor before records that nobody cares for', () => {
  let site: CliSite;

  before(async () => {
    const images = { diskimages: [{ name: 'trixie', elements: ['debian'] }] };
    site = await CliSite.make({ labels: [{ name: 'small' }], providers: [cloud], ...images });
    const at = { hostname: 'elsewhere', state: 'running', version: '11.0.0', model_api: 0 };
    // As Python writes it.
    const python = (kind: string): string =>
      JSON.stringify({ kind, ...at }).replaceAll('":', '": ');
    await site.put('/nodepool/components/launcher/elsewhere0000000000', python('launcher'));
    await site.put('/nodepool/components/pool/elsewhere0000000000', {
      ...at,
      ...{
        kind: 'pool',
        id: 'p',
        name: 'main',
        provider_name: 'cloud',
        supported_labels: ['small'],
      },
    });
    const node = (fields: Parameters<typeof newNode>[0]): object =>
      newNode({ provider: 'cloud', pool: 'main', type: ['small'], ...fields }, NOW - 7200);
    await site.put('/nodepool/nodes/0000000001', node({ state: 'ready' }));
    const lock = '/nodepool/nodes/0000000001/lock';
    await site.client.ensurePath(lock);
    await site.client.create(`${lock}/abc__lock__`, undefined, { mode: 'ephemeralSequential' });
    await site.put('/nodepool/nodes/0000000002', node({ state: 'ready', provider: 'gone' }));
    await site.put('/nodepool/nodes/0000000003', node({ state: 'deleting' }));
    await site.put('/nodepool/nodes/0000000004', 'no record');
    const old = newRequest({ node_types: ['unheard-of'] }, NOW - 7200);
    await site.put('/nodepool/requests/200-0000000001', old);
    await site.put('/nodepool/requests-lock/200-0000000009/abc__lock__0000000000');
  });
  after(() => site.close());

  it('tells of each, with whom and for how long', async () => {
    const all = await findings(site.configPath);
    assert.match(
      told(all, 'lock-long').seen,
      /^is ready and locked for up to 2 h.*, by session 0x/,
    );
    assert.match(told(all, 'nodes-orphaned').object, /^provider gone: 0000000002$/);
    assert.match(told(all, 'nodes-not-deleted').object, /^provider cloud: 0000000003$/);
    assert.equal(told(all, 'no-record').object, '/nodepool/nodes/0000000004');
    assert.match(told(all, 'requests-waiting').seen, /200-0000000001 waits for nobody/);
    told(all, 'no-builder');
    told(all, 'image-not-built');
    assert.match(
      told(all, 'web-unreachable').object,
      /^launcher elsewhere \(http:\/\/elsewhere:8005\)$/,
    );
    // The lock of the request that is no more was made just now.
    assert.ok(!all.some(({ code }) => code === 'request-locks-held'));
    const later = await findings(site.configPath, {
      clock: { ...systemClock, now: () => Date.now() + 120_000 },
    });
    assert.match(told(later, 'request-locks-held').object, /200-0000000009/);
  });
});

describe('nodepool doctor before a machine that builds', () => {
  let site: CliSite;

  before(async () => {
    const [port = 0] = await freePorts(1);
    const host = { name: '127.0.0.1', 'connection-port': port, timeout: 1, labels: ['metal'] };
    site = await CliSite.make({
      'images-dir': join(tmpdir(), 'nodepool-doctor-none'),
      diskimages: [{ name: 'trixie' }],
      labels: [{ name: 'metal' }],
      providers: [{ name: 'rack', driver: 'static', pools: [{ name: 'main', nodes: [host] }] }],
    });
    const builder = { hostname: 'host', kind: 'builder', state: 'running', version: '1.2.3' };
    await site.put('/nodepool/components/builder/host0000000000', { ...builder, model_api: 0 });
  });
  after(() => site.close());

  it('tells of a folder for images that is not there, and of a host that is silent', async () => {
    const all = await findings(site.configPath);
    assert.match(told(all, 'images-dir').seen, /^cannot be looked at: ENOENT/);
    assert.match(told(all, 'host-silent').object, /^host 127\.0\.0\.1:\d+ of provider rack$/);
    assert.match(told(all, 'web-unreachable').object, /^builder host \(/);
  });

  it('tells of ACLs that are in the way', async () => {
    await site.client.ensurePath('/nodepool/images');
    const readOnly = [{ perms: 1, scheme: 'world', id: 'anyone' }];
    await site.client.setAcl('/nodepool/images', readOnly);
    const one = await findings(site.configPath, {}, '--no-clouds');
    assert.equal(told(one, 'acl').object, '/nodepool/images');
    assert.ok(!one.some(({ code }) => code === 'cannot-write'));
    await site.client.setAcl('/nodepool', readOnly);
    const all = await findings(site.configPath, {}, '--no-clouds');
    told(all, 'cannot-write');
  });
});

describe('nodepool doctor before a cloud', () => {
  let openstack: OpenStackSite;
  let site: CliSite;

  beforeEach(async () => {
    openstack = await OpenStackSite.open();
    site = await CliSite.make({
      labels: [{ name: 'small' }, { name: 'huge' }],
      providers: [
        openStackProvider({
          labels: { small: {}, huge: { 'flavor-name': 'none' } },
          pool: { 'max-servers': 100_000 },
        }),
      ],
    });
    const chroot = site.client;
    await chroot.ensurePath('/nodepool/nodes');
  });
  afterEach(async () => {
    await site.close();
    await openstack.close();
  });

  const ask = (): Promise<readonly Finding[]> =>
    findings(site.configPath, { environment: openstack.environment }, '--provider', PROVIDER);

  it('tells of machines that are left, of labels that it refuses, and of limits above its quota', async () => {
    const { plant } = openstack.cloud;
    const tags = { nodepool_provider_name: PROVIDER, nodepool_pool_name: 'main' };
    const lost = plant.server({ metadata: { ...tags, nodepool_node_id: '0000000009' } });
    plant.server({ metadata: { ...tags, nodepool_node_id: '0000000001' } });
    plant.server();
    await site.put(
      '/nodepool/nodes/0000000001',
      newNode({ state: 'in-use', provider: PROVIDER, pool: 'main', type: ['small'] }, NOW),
    );
    // What cannot be read is a record nevertheless.
    plant.server({ metadata: { ...tags, nodepool_node_id: '0000000002' } });
    await site.put('/nodepool/nodes/0000000002', 'no record');
    const upload = { nodepool_build_id: 'b', nodepool_upload_id: '0000000001' };
    plant.server({ metadata: { ...tags, ...upload } });
    const at = `/nodepool/images/debian/builds/b/providers/${PROVIDER}/images/0000000001`;
    await site.put(at, 'no record');
    const image = plant.server({ metadata: { ...tags, ...upload, nodepool_build_id: 'c' } });
    openstack.cloud.limits = { instances: 6 };
    const servers = openstack.cloud.counts.servers;
    const all = await ask();
    const { seen } = told(all, 'leaked');
    assert.match(seen, /^instances are left of nodes or uploads that are no more \(2\): /);
    assert.ok(seen.includes(lost) && seen.includes(image));
    assert.match(told(all, 'limits-over-quota').seen, /^its pools may take 100000 instances/);
    assert.match(told(all, 'quota-nearly-used').seen, /^6 of 6 instances/);
    assert.match(told(all, 'label-refused').object, /^label huge in provider openstack-one$/);
    assert.match(told(all, 'label-refused').seen, /none/);
    assert.equal(openstack.cloud.counts.servers, servers, 'nothing is deleted');
  });

  it('tells that the password is wrong, and not which', async () => {
    const entry = openstack.entry({ password: 'not-the-word' });
    await openstack.writeClouds({ memory: entry });
    const all = await ask();
    const found = told(all, 'provider-cannot-start');
    assert.equal(found.object, `provider ${PROVIDER}`);
    assert.match(found.seen, /401|password|credentials|authenticat/i);
    assert.ok(!JSON.stringify(all).includes('not-the-word'));
    assert.ok(!JSON.stringify(all).includes(PASSWORD));
  });
});
