/** A server from a disk image of ours: uploaded and recorded as the builder does, launched by its label. */
import assert from 'node:assert/strict';
import { CLOUD } from './ground.ts';
import { connectProvider } from './desk.ts';
import { anUpload, MIB } from './image-files.ts';
import { LABEL, play, PROVIDER, servicesOrSkip, type Scene } from './scene.ts';
import { stopServices, type OpenStackServices } from './services.ts';

const IMAGE = 'debian';
/** Far longer than it takes to replace an image. */
const HELD_MS = 20_000;

describe('a disk image on real services', function () {
  this.timeout(600_000);
  let services: OpenStackServices;
  before(async function () {
    services = await servicesOrSkip(this);
  });
  after(stopServices);

  it('is what servers of its labels boot from, the newest upload of all', () =>
    play(services, async (scene) => {
      await scene.configure({
        diskimages: [
          { name: IMAGE, username: 'debian-user', 'python-path': '/usr/bin/python3.11' },
        ],
        provider: { diskimages: [{ name: IMAGE, 'config-drive': true }] },
        labels: { [LABEL]: { diskimage: IMAGE } },
      });
      await scene.start();
      const provider = await connectProvider({ cloud: CLOUD }, scene.ground.environment);
      try {
        const { images } = provider;
        assert.ok(images);
        for (const number of [1, 2]) {
          const { upload } = await anUpload(scene.ground, MIB);
          const id = await images.upload(upload, new AbortController().signal);
          await recordUpload(scene, number, { id, name: upload.name });
          const lent = await scene.lend();
          assert.deepEqual((lent.server.image as { id: string }).id, id);
          assert.equal(lent.server.config_drive, 'True');
          const { username, python_path: python } = lent.node;
          assert.deepEqual([username, python], ['debian-user', '/usr/bin/python3.11']);
          await scene.giveBack(lent);
        }
      } finally {
        await provider.close();
      }
      await scene.untilEmpty();
    }));

  it('may be replaced and deleted while a server of it is asked for: the newer one is booted', () =>
    play(services, async (scene) => {
      const { ground, zuul } = scene;
      await scene.configure({
        diskimages: [{ name: IMAGE }],
        // Not even a second attempt is needed for it.
        provider: { diskimages: [{ name: IMAGE }], 'launch-retries': 1 },
        labels: { [LABEL]: { diskimage: IMAGE } },
      });
      await scene.start();
      const provider = await connectProvider({ cloud: CLOUD }, ground.environment);
      try {
        const { images } = provider;
        assert.ok(images);
        const uploads: { readonly id: string; readonly name: string }[] = [];
        for (let count = 0; count < 2; count++) {
          const { upload } = await anUpload(ground, MIB);
          const id = await images.upload(upload, new AbortController().signal);
          uploads.push({ id, name: upload.name });
        }
        const [old, next] = uploads;
        assert.ok(old && next);
        await recordUpload(scene, 1, old);
        const held = ground.proxy.faults.add({
          ...{ service: 'compute', method: 'POST', route: '/servers', times: 1 },
          fault: { kind: 'delay', ms: HELD_MS },
        });
        const request = await zuul.submit([LABEL]);
        await scene.until(() => held.struck === 1);
        await recordUpload(scene, 2, next);
        await images.delete(old.id, new AbortController().signal);
        const lent = await scene.lent(request);
        assert.equal((lent.server.image as { id: string }).id, next.id);
        assert.match(String(lent.node.image_id), /\/builds\/0000000002\//);
        await scene.giveBack(lent);
        assert.match(await scene.log(), /a newer image is tried/);
      } finally {
        await provider.close();
      }
      await scene.untilEmpty();
    }));
});

/** As the builder writes it; facts: nodepool/zk/zookeeper.py. */
async function recordUpload(
  { zuul }: Scene,
  number: number,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<void> {
  const build = `/nodepool/images/${IMAGE}/builds/000000000${number}`;
  const uploads = `${build}/providers/${PROVIDER}/images`;
  await zuul.client.ensurePath(uploads);
  const login = {
    ...{ username: 'debian-user', python_path: '/usr/bin/python3.11', shell_type: null },
    ...{ state: 'ready', state_time: Date.now() / 1000 },
  };
  const record = { ...login, external_id: id, external_name: name, format: 'qcow2' };
  await zuul.client.set(build, Buffer.from(JSON.stringify({ ...login, formats: 'qcow2' })));
  await zuul.client.create(`${uploads}/0000000001`, Buffer.from(JSON.stringify(record)));
}
