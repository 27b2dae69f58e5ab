/**
 * Images come and go under Zuul's load: our builder as it is shipped makes them with diskimage-builder in
 * a real Docker and uploads them to a real glance, our launcher boots servers from them for Zuul's own
 * classes. Each server is of an image that was there to be used, and of old images nothing stays.
 */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builderProgram, startBuilder } from '../../../fixtures/builder/start.ts';
import type { RunningDaemon } from '../../../fixtures/processes/daemon.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { ImageStore } from '../../../shared/store/images.ts';
import { ImageBook, inState, type BookedUpload } from '../../support/image-book.ts';
import { peersOrSkip } from '../../support/peers.ts';
import { startZuulLoad } from '../../support/zuul-load.ts';
import { CLOUD, IMAGE as OWN_IMAGE } from '../openstack/ground.ts';
import { LABEL, play, PROVIDER, servicesOrSkip, type Scene } from '../openstack/scene.ts';
import { stopServices, type OpenStackServices } from '../openstack/services.ts';
import type { Resource } from '../openstack/tenant.ts';
import { dockerOrSkip, IMAGE as CONTAINER_IMAGE, stopDocker, type Docker } from './docker.ts';

const IMAGE = 'rotated';
const KEPT = 2;
/** From one build to the next; it takes some seconds itself. */
const AGE_SECONDS = 10;
const REQUESTS = 60;
const AT_ONCE = 10;
/** So many images are seen at least. */
const BUILDS = 6;
const LIMIT_SECONDS = 900;
/** Nova tells when a server was created in whole seconds, of the clock that uploads have, too. */
const SECOND = 1;

interface Seen {
  readonly imageId: string;
  /** Seconds since 1970. */
  readonly createdAt: number;
}

describe('images that come and go under load', function () {
  this.timeout(LIMIT_SECONDS * 2000);
  let docker: Docker;
  let services: OpenStackServices;
  before(async function () {
    services = await servicesOrSkip(this);
    docker = await dockerOrSkip(this);
    assert.ok(builderProgram());
  });
  after(async () => {
    await stopDocker();
    await stopServices();
  });

  it('serve every request, from an image that is there, and leave nothing', async function () {
    const peers = await peersOrSkip(this);
    await play(services, async (scene) => {
      const store = new ImageStore(scene.zuul.client, silentLogger);
      const book = new ImageBook(store);
      await scene.zuul.client.ensurePath('/nodepool/images');
      await store.tree.start(AbortSignal.timeout(LIMIT_SECONDS * 1000));
      await scene.ground.writeClouds({ image_format: 'raw' });
      await scene.configure({
        diskimages: [{ name: IMAGE }],
        provider: { diskimages: [{ name: IMAGE }] },
        labels: { [LABEL]: { diskimage: IMAGE } },
      });
      const builder = await startOn(scene, docker);
      try {
        await scene.start();
        await scene.until(() => readyUploads(book).length > 0);
        const load = startZuulLoad(peers, [
          ...['--hosts', scene.plainHosts, '--label', LABEL, '--hold', '2'],
          ...['--requests', String(REQUESTS), '--arrival', `closed:${AT_ONCE}`],
          ...['--timeout', String(LIMIT_SECONDS), '--drain', String(LIMIT_SECONDS)],
        ]);
        const seen = await watchServers(scene, load.result);
        const { violation_samples: violations, fulfilled, failed, lost } = await load.result;
        assert.deepEqual([violations, fulfilled, failed, lost], [[], REQUESTS, 0, 0]);
        assert.ok(seen.size >= REQUESTS, `only ${seen.size} servers were seen`);
        for (const [id, server] of seen) checkServer(id, server, readyUploads(book));
        await scene.until(() => readyUploads(book).length >= BUILDS, LIMIT_SECONDS * 1000);
        await scene.zuul.client.ensurePath(`/nodepool/images/${IMAGE}/pause`);
        await untilSettled(scene, store, book);
        await scene.untilEmpty();
        console.log(
          `      ${readyUploads(book).length} images, ${seen.size} servers from ` +
            `${new Set([...seen.values()].map(({ imageId }) => imageId)).size} of them`,
        );
      } catch (error) {
        throw await explain(error, builder);
      } finally {
        await builder.stop();
        await store.tree.stop();
      }
      await checkMachine(scene, docker);
    });
  });
});

function imagesDir({ ground }: Scene): string {
  return join(ground.folder, 'images');
}

/** The builder, for the scene's ZooKeeper and its provider. */
async function startOn(scene: Scene, docker: Docker): Promise<RunningDaemon> {
  const { folder, environment } = scene.ground;
  const [, host = '', port = '', chroot = ''] = /^(.*):(\d+)(\/.*)$/.exec(scene.plainHosts) ?? [];
  const container = {
    ...{ image: CONTAINER_IMAGE, pull: 'never', network: 'host' },
    host: `unix://${docker.socket}`,
  };
  const file = {
    'images-dir': imagesDir(scene),
    'build-log-dir': join(folder, 'logs'),
    'zookeeper-servers': [{ host, port: Number(port), chroot }],
    diskimages: [
      {
        ...{ name: IMAGE, elements: ['tiny'], 'dib-cmd': 'disk-image-create -n' },
        'rebuild-age': AGE_SECONDS,
        'env-vars': { DIB_JOURNAL_SIZE: '4', ELEMENTS_PATH: '/usr/local/share/dib-elements' },
      },
    ],
    providers: [
      {
        ...{ name: PROVIDER, driver: 'openstack', cloud: CLOUD, rate: 0.001, pools: [] },
        diskimages: [{ name: IMAGE }],
      },
    ],
    extensions: {
      builder: { container },
      intervals: { cleanup: 1, 'build-check': 1, 'upload-check': 1, 'cloud-poll': 0.5 },
    },
  };
  await mkdir(imagesDir(scene));
  const configPath = join(folder, 'builder.yaml');
  await writeFile(configPath, JSON.stringify(file));
  return startBuilder({ workDir: folder, configPath, environment, args: ['--no-webapp'] });
}

/** All that were ready once, oldest first. */
function readyUploads(book: ImageBook): BookedUpload[] {
  return book.uploads().filter((one) => inState(one, 'ready') !== undefined);
}

/** Every server that nova shows until the load has ended. */
async function watchServers(
  scene: Scene,
  ending: Promise<unknown>,
): Promise<ReadonlyMap<string, Seen>> {
  const seen = new Map<string, Seen>();
  let hasEnded = false;
  const end = (): void => {
    hasEnded = true;
  };
  ending.then(end, end);
  await scene.until(async () => {
    for (const { id, image, created } of (await scene.ground.tenant.resources()).servers) {
      const createdAt = Date.parse(String(created)) / 1000;
      seen.set(id, { imageId: (image as { id: string }).id, createdAt });
    }
    return hasEnded;
  }, LIMIT_SECONDS * 1000);
  return seen;
}

/** Its image was uploaded, and nobody had begun to delete it. */
function checkServer(id: string, { imageId, createdAt }: Seen, uploads: BookedUpload[]): void {
  const own = uploads.find((one) => inState(one, 'ready')?.external_id === imageId);
  assert.ok(own, `server ${id} is of an image that nobody uploaded`);
  const from = inState(own, 'ready')?.state_time ?? Infinity;
  const to = inState(own, 'deleting')?.state_time ?? Infinity;
  assert.ok(createdAt + SECOND >= from, `server ${id} was made before its image`);
  assert.ok(createdAt <= to, `server ${id} was made when its image was being deleted`);
}

/** The two newest are there, in ZooKeeper and in glance, and no others. */
async function untilSettled(scene: Scene, store: ImageStore, book: ImageBook): Promise<void> {
  const { tenant } = scene.ground;
  await scene.until(async () => {
    const newest = readyUploads(book).slice(-KEPT);
    const states = [...store.builds.values(), ...store.uploads.values()];
    assert.deepEqual(
      states.map(({ record }) => record.state),
      ['ready', 'ready', 'ready', 'ready'],
    );
    const path = `/images?owner=${tenant.rest.projectId}`;
    const { images } = (await tenant.rest.get('image', path)) as { images: Resource[] };
    const ids = images.filter(({ name }) => name !== OWN_IMAGE).map((one) => one.id);
    const wanted = newest.map((one) => inState(one, 'ready')?.external_id ?? '');
    assert.deepEqual(ids.toSorted(), wanted.toSorted());
    const builds = newest.map(({ build }) => build);
    for (const name of (await readdir(imagesDir(scene))).filter((one) => one.startsWith(IMAGE)))
      assert.ok(
        builds.some((build) => name.includes(build)),
        name,
      );
  });
}

async function checkMachine(scene: Scene, docker: Docker): Promise<void> {
  const id = await readFile(join(imagesDir(scene), 'builder_id.txt'), 'utf8');
  assert.deepEqual(await docker.withLabel(`nodepool.builder=${id}`), []);
  const mounts = (await readFile('/proc/mounts', 'utf8')).split('\n');
  assert.deepEqual(
    mounts.filter((line) => line.includes(imagesDir(scene))),
    [],
  );
}

async function explain(error: unknown, builder: RunningDaemon): Promise<unknown> {
  if (error instanceof Error)
    error.stack = `${error.stack ?? ''}\n--- builder:\n${await builder.tail(40)}`;
  return error;
}
