/** Orders of operators beside builders that write the same records. */
import assert from 'node:assert/strict';
import {
  orderBuildDeletion,
  orderUploadDeletion,
} from '../../../shared/store/orders/image-deletions.ts';
import { buildPath, uploadPath } from '../../../shared/store/paths.ts';
import type { ZooKeeper } from '../../../shared/zookeeper/types.ts';
import { build, upload } from '../../support/cli-images.ts';
import { CliSite } from '../../support/cli-site.ts';

const NOW = 1_700_000_000;
const buildKey = { image: 'trixie', build: 'abc' };
const uploadKey = { ...buildKey, provider: 'cloud', upload: '0000000001' };

describe('orders to delete images', () => {
  let site: CliSite;

  beforeEach(async () => {
    site = await CliSite.make();
    await site.put(buildPath(buildKey), build({ extra: 'kept' }));
    await site.put(uploadPath(uploadKey), upload());
  });
  afterEach(() => site.close());

  const recordAt = async (path: string): Promise<Record<string, unknown>> =>
    (await site.tree(path))[path] as Record<string, unknown>;

  /** A client whose reader is overtaken once, after its first look. */
  function overtaken(by: () => Promise<unknown>): ZooKeeper {
    let isOvertaken = false;
    return new Proxy<ZooKeeper>(site.client, {
      get(target, name) {
        if (name !== 'get') {
          const value: unknown = Reflect.get(target, name);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        }
        return async (path: string) => {
          const found = await target.get(path);
          if (!isOvertaken) await by();
          isOvertaken = true;
          return found;
        };
      },
    });
  }

  it('change the state and its time, and leave the rest', async () => {
    assert.equal(await orderBuildDeletion(site.client, buildKey, NOW), 'ordered');
    assert.deepEqual(
      await recordAt(buildPath(buildKey)),
      build({ state: 'deleting', state_time: NOW, extra: 'kept' }),
    );
    assert.equal(await orderUploadDeletion(site.client, uploadKey, NOW), 'ordered');
    assert.deepEqual(
      await recordAt(uploadPath(uploadKey)),
      upload({ state: 'deleting', state_time: NOW }),
    );
  });

  it('leave a record alone that is deleted already', async () => {
    await orderBuildDeletion(site.client, buildKey, NOW);
    assert.equal(await orderBuildDeletion(site.client, buildKey, NOW + 1), 'ordered');
    assert.equal((await recordAt(buildPath(buildKey))).state_time, NOW);
  });

  it('keep what a builder wrote meanwhile', async () => {
    const client = overtaken(() =>
      site.put(uploadPath(uploadKey), upload({ external_id: 'of the builder' })),
    );
    assert.equal(await orderUploadDeletion(client, uploadKey, NOW), 'ordered');
    const { state, external_id: id } = await recordAt(uploadPath(uploadKey));
    assert.deepEqual([state, id], ['deleting', 'of the builder']);
  });

  it('look again at what a builder wrote meanwhile', async () => {
    const client = overtaken(() => site.put(uploadPath(uploadKey), upload({ state: 'uploading' })));
    assert.equal(await orderUploadDeletion(client, uploadKey, NOW), 'in-progress');
    assert.equal((await recordAt(uploadPath(uploadKey))).state, 'uploading');
  });

  it('bring nothing back that a builder deleted meanwhile', async () => {
    const client = overtaken(() => site.client.deleteTree(buildPath(buildKey)));
    assert.equal(await orderBuildDeletion(client, buildKey, NOW), 'not-found');
    assert.equal(await site.client.exists(buildPath(buildKey)), undefined);
  });

  it('refuse what holds no record', async () => {
    await site.put(buildPath(buildKey), '{');
    await assert.rejects(orderBuildDeletion(site.client, buildKey, NOW), {
      code: 'NP_RECORD_CORRUPT',
    });
    assert.equal(await recordAt(buildPath(buildKey)), '{');
  });

  for (const key of [
    { image: 'trixie/builds', build: 'abc' },
    { image: 'trixie', build: 'lock' },
    { image: 'trixie', build: 'abc/providers' },
    { image: '', build: 'abc' },
  ])
    it(`know no build ${key.build} of ${key.image}`, async () => {
      assert.equal(await orderBuildDeletion(site.client, key, NOW), 'not-found');
    });

  it('know no upload without its number in full', async () => {
    for (const name of ['1', 'lock', '0000000001/lock'])
      assert.equal(
        await orderUploadDeletion(site.client, { ...uploadKey, upload: name }, NOW),
        'not-found',
      );
  });
});
