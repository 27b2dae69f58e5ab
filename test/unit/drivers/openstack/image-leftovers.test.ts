import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Fault } from '../../../../fixtures/openstack-cloud/faults.ts';
import { hasCode } from '../../../../shared/base/errors.ts';
import type { ImageUpload } from '../../../../shared/drivers/driver.ts';
import { imageFields } from '../../../../shared/drivers/openstack/image-store.ts';
import { eventually } from '../../../support/eventually.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { openStackSubject } from './subject.ts';

const DATA = Buffer.from('all of the image');
const never = new AbortController().signal;
const DEFAULT_TIMEOUT_MS = 3_600_000;

function anUpload(file: string, meta: Readonly<Record<string, unknown>> = {}): ImageUpload {
  const digest = (algorithm: string): string => createHash(algorithm).update(DATA).digest('hex');
  return {
    name: 'debian-1',
    image: {
      ...{ name: 'debian', username: 'zuul', pythonPath: 'auto', shellType: undefined },
      ...{ connectionType: 'ssh', connectionPort: 22, isPaused: false },
      options: { meta, configDrive: undefined },
    },
    file,
    checksums: { md5: digest('md5'), sha256: digest('sha256') },
    metadata: { nodepool_upload_id: '0000000001' },
  };
}

describe('what OpenStack keeps of an upload that failed', () => {
  let folder: string;
  let file: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nodepool-images-'));
    file = join(folder, 'debian.qcow2');
    await writeFile(file, DATA);
  });
  after(() => rm(folder, { recursive: true }));

  /** A store, its cloud, and the cloud's images but the one that it always has. */
  async function setUp(...faults: Fault[]) {
    const { clock, cloud, connect } = openStackSubject();
    const provider = await settleByTurning(clock, connect());
    assert.ok(provider.images);
    cloud.calls.length = 0;
    for (const fault of faults) cloud.arm(fault);
    const left = () => cloud.images.images.all().filter(({ name }) => name !== 'image');
    return { clock, cloud, store: provider.images, left };
  }

  type Scene = Awaited<ReturnType<typeof setUp>>;

  /** Reading a file takes its time, whatever the clock says. Fails if a failure leaves an image. */
  async function result({ clock, store, left }: Scene, signal = never): Promise<string> {
    let leftAtFailure: number | undefined;
    let isSettled = false;
    const upload = store.upload(anUpload(file), signal).finally(() => {
      isSettled = true;
    });
    upload.catch(() => {
      leftAtFailure = left().length;
    });
    await eventually(async () => {
      await clock.advance(100);
      return isSettled;
    });
    assert.equal(leftAtFailure ?? 0, 0, 'images left when the upload failed');
    return upload;
  }

  const CREATION = 'POST images';
  const SENDING = 'PUT images/*/file';

  it('knows its image though the answers to the creation are lost', async () => {
    const scene = await setUp({ call: CREATION, mode: 'lose', times: 2 });
    const id = await result(scene);
    assert.deepEqual(
      scene.left().map((image) => [image.id, image.status]),
      [[id, 'active']],
    );
    const lost = await setUp({ call: CREATION, mode: 'lose', times: 3 });
    await assert.rejects(result(lost), (error) => hasCode(error, 'NP_CLOUD_TRANSIENT'));
  });

  it('has taken back its image when it says that the time was not enough', async () => {
    const scene = await setUp({ call: SENDING, mode: 'hang' });
    const refused = assert.rejects(result(scene), /not uploaded within 3600 s/);
    await eventually(() => scene.cloud.calls.includes(SENDING));
    await scene.clock.advance(DEFAULT_TIMEOUT_MS);
    await refused;
  });

  it('has taken back its image when it ends with its signal', async () => {
    for (const call of [CREATION, SENDING]) {
      const scene = await setUp({ call, mode: 'hang' });
      const ending = new AbortController();
      scene.cloud.onCall = (name) => {
        if (name === call) ending.abort();
      };
      await assert.rejects(result(scene, ending.signal), (error) => hasCode(error, 'NP_ABORTED'));
      assert.ok(scene.cloud.calls.includes('DELETE images/*'));
    }
  });

  it('asks how to import only where an upload is refused', async () => {
    const scene = await setUp();
    await result(scene);
    assert.ok(!scene.cloud.calls.includes('GET info/import'));
    for (const status of [403, 405]) {
      const importing = await setUp({ call: SENDING, mode: 'fail', status });
      await result(importing);
      assert.deepEqual(
        importing.left().map(({ status: state, data }) => [state, data?.toString()]),
        [['active', DATA.toString()]],
      );
      const refusing = await setUp(
        { call: SENDING, mode: 'fail', status },
        { call: 'GET info/import', mode: 'fail', status: 404 },
      );
      await assert.rejects(result(refusing), (error) => hasCode(error, 'NP_CLOUD_FATAL'));
    }
  });

  it('sends properties as openstacksdk does', () => {
    const { name, tags, ...fields } = imageFields(
      anUpload(file, {
        ...{ a: 'text', b: true, c: 4, d: null, min_disk: '3', min_ram: 512 },
        ...{ protected: false, tags: ['one'], disk_format: 'iso' },
      }),
      'raw',
    );
    assert.deepEqual([name, tags], ['debian-1', ['one']]);
    const of = (key: string): unknown => fields[key];
    assert.deepEqual(['a', 'b', 'c', 'd'].map(of), ['text', 'True', '4', '']);
    assert.deepEqual(['min_disk', 'min_ram', 'protected'].map(of), [3, 512, false]);
    assert.deepEqual(['disk_format', 'container_format', 'visibility'].map(of), [
      ...['iso', 'bare', 'private'],
    ]);
  });
});
