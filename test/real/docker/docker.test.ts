/** Our container images, and the example for Docker Compose, on a real Docker. README.md says what it needs. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { Requestor } from '../../../fixtures/zuul/requestor.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { packageVersion } from '../../../shared/base/version.ts';
import { ZooKeeperClient } from '../../../shared/zookeeper/client.ts';
import { eventually } from '../../support/eventually.ts';
import { dockerOrSkip, stopDocker, type Docker } from '../builder/docker.ts';
import { Compose } from './compose.ts';
import { Images, type Target } from './images.ts';

const NODEPOOL = 10_001;
const ZOOKEEPER = 1000;
const MB = 1e6;
/** Of what our images add to Debian's. */
const LIMITS: Readonly<Record<Target, number>> = {
  launcher: 240 * MB,
  command: 240 * MB,
  builder: 540 * MB,
};
/** Long after what a build, or an answer of a container, takes. */
const LONG_MS = 120_000;
const POLL_MS = 500;

describe('container images', function () {
  // They are built from nothing.
  this.timeout(1_800_000);
  let docker: Docker;
  let images: Images;
  before(async function () {
    docker = await dockerOrSkip(this);
    images = new Images(docker);
    await images.build();
  });
  after(async () => {
    await images.remove();
    await stopDocker();
  });

  /** What a command prints in a container of the image. */
  const runIn = (target: Target, options: readonly string[], ...words: string[]): Promise<string> =>
    docker.command('run', '--rm', '--network=none', ...options, images.name(target), ...words);

  for (const target of ['launcher', 'builder', 'command'] as const)
    describe(`of the ${target}`, () => {
      it('is small', async () => {
        const { all, own } = await images.sizesOf(target);
        const inMb = (bytes: number): string => `${(bytes / MB).toFixed(0)} MB`;
        console.log(`      ${target}: ${inMb(own)} over its base, ${inMb(all)} in all`);
        assert.ok(own < LIMITS[target], inMb(own));
      });

      it('has nothing that was needed to build it only', async () => {
        const rubbish = String.raw`find / -xdev '(' -path '/opt/nodepool/*' '(' -name '*.map' -o -name '*.ts' ')' \
          -o -name typescript -o -name mocha -o -name .npm -o -name npm ')' -not -path '/proc/*' 2> /dev/null`;
        assert.equal(await runIn(target, [], 'sh', '-c', `${rubbish}; true`), '');
      });

      it('has the command line', async () => {
        const said = await runIn(target, [], 'nodepool', '--version');
        assert.equal(said, `Nodepool version: ${packageVersion()}`);
      });
    });

  for (const target of ['launcher', 'command'] as const)
    it(`of the ${target} do not begin as root`, async () => {
      assert.equal(await runIn(target, [], 'id', '-u'), `${NODEPOOL}`);
    });

  describe('of the builder, as the container of a build', () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'npt-work-'));
    });
    afterEach(() => rm(folder, { recursive: true }));

    /** Its user, then that of sudo. */
    const users = async (...options: string[]): Promise<readonly string[]> => {
      const work = ['--volume', `${folder}:${folder}`, '--env', `TMPDIR=${folder}`, ...options];
      return (await runIn('builder', work, 'sh', '-c', 'id -u; sudo id -u')).split('\n');
    };

    it('becomes the owner of its work folder, and may do everything', async () => {
      await chown(folder, 4321, 4321);
      // Nothing else: without a network sudo likes to complain, and diskimage-builder to listen.
      assert.deepEqual(await users(), ['4321', '0']);
      await chown(folder, 0, 0);
      assert.deepEqual(await users(), ['0', '0']);
    });

    it('stays the user that the configuration names', async () => {
      await chown(folder, NODEPOOL, NODEPOOL);
      // As ContainerRunner makes it then.
      await chmod(folder, 0o1777);
      assert.deepEqual(await users('--user=0'), ['0', '0']);
    });

    it('has diskimage-builder', async () => {
      assert.match(await runIn('builder', [], 'disk-image-create', '--version'), /^3\.\d+\.\d+$/);
    });
  });

  describe('have health checks', () => {
    let container: string | undefined;
    afterEach(async () => {
      if (container !== undefined) await docker.command('rm', '--force', container);
    });

    const healthOf = async (target: Target, ...words: string[]): Promise<string> => {
      // Without a network: nobody answers.
      const options = ['--network=none', '--health-interval=1s', '--health-retries=2'];
      const start = ['run', '--detach', ...options, '--health-start-period=0s'];
      container = await docker.command(...start, images.name(target), ...words);
      const format = '{{.State.Health.Status}}';
      let health = 'starting';
      await eventually(
        async () => {
          health = await docker.command('inspect', '-f', format, container ?? '');
          return health !== 'starting';
        },
        LONG_MS,
        POLL_MS,
      );
      return health;
    };

    it('that notice that a launcher does not answer', async () => {
      assert.equal(await healthOf('launcher', 'sleep', '1000'), 'unhealthy');
    });

    it('that expect no answer of the container of a build', async () => {
      assert.equal(await healthOf('builder', 'sleep', '1000'), 'healthy');
    });
  });

  describe('in the example for Docker Compose', () => {
    let compose: Compose;
    before(async () => {
      compose = await Compose.prepare(images);
      await compose.compose('up', '--detach', '--no-build');
    });
    after(async () => {
      await compose.drop();
    });

    /** What the services show ZooKeeper. */
    const copyCertificates = async (): Promise<{ ca: string; cert: string; key: string }> => {
      const folder = join(compose.home, 'tls');
      await docker.command('cp', `${await compose.container('launcher')}:/tls`, folder);
      const file = (name: string): string => join(folder, name);
      return { ca: file('ca.pem'), cert: file('client.pem'), key: file('client.key') };
    };

    it('become healthy', async () => {
      for (const service of ['zookeeper', 'launcher', 'builder'] as const)
        await compose.untilHealthy(service);
    });

    it('run nothing as root', async () => {
      assert.deepEqual(await compose.users('zookeeper'), [`${ZOOKEEPER}`]);
      assert.deepEqual(await compose.users('launcher'), [`${NODEPOOL}`]);
      assert.deepEqual(await compose.users('builder'), [`${NODEPOOL}`]);
    });

    it('build an image in a container, from which nothing is left', async () => {
      const isReady = async (): Promise<boolean> =>
        / tiny-[0-9a-f]{32} .* qcow2 +\| ready /.test(await compose.nodepool('dib-image-list'));
      await eventually(isReady, LONG_MS, POLL_MS);
      const folder = join(compose.home, 'images');
      const builder = await readFile(join(folder, 'builder_id.txt'), 'utf8');
      assert.deepEqual(await docker.withLabel(`nodepool.builder=${builder.trim()}`), []);
      const files = (await readdir(folder)).filter((name) => name.startsWith('tiny-'));
      const kinds = files.map((name) => name.replace(/^tiny-[0-9a-f]+/, ''));
      for (const kind of ['.d', '.qcow2', '.qcow2.md5', '.qcow2.sha256'])
        assert.ok(kinds.includes(kind), `${kind} of ${kinds.join(' ')}`);
      assert.ok(!kinds.includes('.work'));
      for (const name of files)
        assert.equal((await stat(join(folder, name))).uid, NODEPOOL, `owner of ${name}`);
    });

    it('upload it', async () => {
      const isReady = async (): Promise<boolean> =>
        / cloud +\| tiny .* ready /.test(await compose.nodepool('image-list'));
      await eventually(isReady, LONG_MS, POLL_MS);
    });

    it('can remove what was built', async () => {
      const [, id = ''] =
        / (tiny-[0-9a-f]{32}) /.exec(await compose.nodepool('dib-image-list')) ?? [];
      assert.notEqual(id, '');
      await compose.nodepool('dib-image-delete', id);
      const left = async (): Promise<readonly string[]> =>
        (await readdir(join(compose.home, 'images'))).filter((name) => name.startsWith(id));
      await eventually(async () => (await left()).length === 0, LONG_MS, POLL_MS);
    });

    it('let nobody near ZooKeeper without a certificate', async () => {
      const { ca } = await copyCertificates();
      const address = { host: await compose.address('zookeeper'), port: 2281 };
      const socket = connect({ ...address, ca: await readFile(ca), servername: 'zookeeper' });
      // When the server says so is a matter of TLS's version.
      const refused = once(socket, 'secureConnect').then(() => once(socket, 'end'));
      await assert.rejects(refused, { code: /^ERR_SSL_.*ALERT/ });
    });

    it('answer a request, and list the node', async () => {
      const connectString = `${await compose.address('zookeeper')}:2281`;
      const client = new ZooKeeperClient({ connectString, tls: await copyCertificates() });
      await client.start(AbortSignal.timeout(LONG_MS));
      const requestor = new Requestor(client, systemClock);
      await requestor.start();
      const grant = await requestor.ask(['small'], { signal: AbortSignal.timeout(LONG_MS) });
      const [node] = grant.nodes;
      const row = new RegExp(`\\| ${node?.id ?? 'none'} \\| cloud +\\| small .* in-use `);
      assert.match(await compose.nodepool('list'), row);
      await grant.giveBack();
      await requestor.stop();
      await client.close();
    });

    it('serve lists of nodes', async () => {
      const url = `http://${await compose.address('launcher')}:8005/node-list`;
      assert.match(await (await fetch(url)).text(), /\| cloud +\| small /);
    });

    it('stop in order', async () => {
      const services = ['launcher', 'builder'] as const;
      const ids = await Promise.all(services.map((service) => compose.container(service)));
      await compose.compose('stop');
      for (const id of ids)
        assert.equal(await docker.command('inspect', '-f', '{{.State.ExitCode}}', id), '0');
    });
  });
});
