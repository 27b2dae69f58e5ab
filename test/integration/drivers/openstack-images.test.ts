/** Disk images that builders replace while servers of them are made. */
import assert from 'node:assert/strict';
import { driver } from '../../../shared/drivers/openstack/driver.ts';
import { eventually } from '../../support/eventually.ts';
import { config, play, type Scene } from '../../support/launcher-scene.ts';
import { openStackProvider, OpenStackSite, PROVIDER } from '../../support/openstack-site.ts';

const IMAGE = 'debian';
const INTERVALS = { delete: 0.2, cleanup: 0.3, 'cloud-poll': 0.05 };

describe('a disk image before the openstack driver in a launcher', () => {
  it('that is replaced while a server of it fails gives its place to the newer one, for no attempt', async () => {
    const site = await OpenStackSite.open();
    const { cloud } = site;
    const active = { name: IMAGE, status: 'active', data: Buffer.from('image') } as const;
    const [old, next] = [cloud.images.add(active), cloud.images.add(active)];
    const imagesOfServers = (): (string | undefined)[] =>
      cloud.compute.servers.all().map(({ imageId }) => imageId);
    try {
      await play(
        sections(),
        async (scene) => {
          await recordUpload(scene, 1, old.id);
          cloud.hold('create');
          const request = await scene.zuul.submit(['small']);
          await eventually(() => {
            assert.deepEqual(imagesOfServers(), [old.id]);
          });
          const [doomed] = cloud.compute.servers.all();
          await recordUpload(scene, 2, next.id);
          // The launcher knows of it when it takes it for another server.
          const other = await scene.zuul.submit(['small']);
          await eventually(() => {
            assert.deepEqual(imagesOfServers(), [old.id, next.id]);
          });
          cloud.images.images.delete(old.id);
          cloud.vanish(doomed?.id ?? '');
          cloud.release('create');
          for (const id of [request, other]) {
            const { nodes } = await scene.zuul.untilState(id, 'fulfilled');
            const [nodeId = ''] = nodes as string[];
            assert.match(String((await scene.zuul.node(nodeId))?.image_id), /\/builds\/2\//);
            await (await scene.zuul.use(id, [nodeId])).giveBack();
            await scene.zuul.untilGone([nodeId]);
          }
          await site.untilEmpty();
        },
        { environment: site.environment, drivers: { openstack: driver } },
      );
    } finally {
      await site.close();
    }
  });
});

function sections() {
  const provider = openStackProvider({
    labels: { small: { diskimage: IMAGE, 'cloud-image': undefined } },
    provider: { diskimages: [{ name: IMAGE }], 'launch-retries': 1, 'cloud-images': [] },
  });
  const extra = { diskimages: [{ name: IMAGE }], extensions: { intervals: INTERVALS } };
  return config({ providers: [provider], extra });
}

/** As the builder writes it; facts: nodepool/zk/zookeeper.py. */
async function recordUpload({ zuul }: Scene, build: number, externalId: string): Promise<void> {
  const path = `/nodepool/images/${IMAGE}/builds/${build}`;
  const uploads = `${path}/providers/${PROVIDER}/images`;
  await zuul.client.ensurePath(uploads);
  const login = { username: 'zuul', python_path: 'auto', shell_type: null };
  const state = { state: 'ready', state_time: build };
  const record = { ...state, external_id: externalId, external_name: IMAGE, format: 'qcow2' };
  await zuul.client.set(path, Buffer.from(JSON.stringify({ ...state, ...login })));
  const data = Buffer.from(JSON.stringify({ ...record, ...login }));
  await zuul.client.create(`${uploads}/0000000001`, data);
}
