import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { ProviderImage } from '../../../../schemas/config/model.ts';
import { hasCode } from '../../../../shared/base/errors.ts';
import type { ImageUpload } from '../../../../shared/drivers/driver.ts';
import { GlanceStore, imageFields } from '../../../../shared/drivers/openstack/image-store.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { countOf, never, servicesSubject } from './services.ts';

const BYTES = Buffer.from('the disk');
const sumOf = (name: string): string => createHash(name).update(BYTES).digest('hex');
const ID = '0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0';
const PUT = 'PUT images/*/file';

const image = (meta: Readonly<Record<string, unknown>> = {}): ProviderImage =>
  ({ name: 'image', options: { meta } }) as unknown as ProviderImage;

describe('GlanceStore', () => {
  let folder = '';
  let file = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'image-store-'));
    file = join(folder, 'image');
    await writeFile(file, BYTES);
  });
  after(() => rm(folder, { recursive: true }));

  async function subject() {
    const { clock, cloud, services, log, warnings } = await servicesSubject();
    const store = new GlanceStore({
      ...{ images: services.images, clock, log, format: 'qcow2', newId: () => ID },
      ...{ timeoutSeconds: 3600, pollSeconds: 1 },
    });
    const upload = (changes: Partial<ImageUpload> = {}): Promise<string> =>
      settleByTurning(
        clock,
        store.upload(
          {
            ...{ name: 'image-1', image: image(), file, metadata: { nodepool_build_id: '7' } },
            checksums: { md5: sumOf('md5'), sha256: sumOf('sha256').toUpperCase() },
            ...changes,
          },
          never(),
        ),
      );
    return { clock, cloud, store, upload, warnings, made: () => cloud.images.images.get(ID) };
  }

  const leavesNothing = async (
    arm: (cloud: Awaited<ReturnType<typeof subject>>['cloud']) => void,
    expected: (error: unknown) => boolean,
    { isHung = false, ...changes }: Partial<ImageUpload> & { readonly isHung?: boolean } = {},
  ): Promise<void> => {
    const { clock, cloud, upload, made } = await subject();
    arm(cloud);
    await assert.rejects(upload(changes), expected);
    const isLate = clock.monotonic() >= 3600_000;
    assert.equal(isLate, isHung);
    assert.equal(made(), undefined);
    assert.equal(countOf(cloud, 'DELETE images/*'), 1);
  };
  const isTransient = (error: unknown): boolean => hasCode(error, 'NP_CLOUD_TRANSIENT');
  const isFatal = (error: unknown): boolean => hasCode(error, 'NP_CLOUD_FATAL');

  it('sends the file, and answers when the image is active', async () => {
    const { upload, made, store } = await subject();
    assert.equal(await upload(), ID);
    assert.equal(made()?.status, 'active');
    assert.ok(made()?.data?.equals(BYTES));
    const listed = (await store.list(never())).find(({ externalId }) => externalId === ID);
    assert.equal(listed?.name, 'image-1');
    assert.equal(listed.metadata.nodepool_build_id, '7');
    await store.delete(ID, never());
    await store.delete(ID, never());
    assert.equal(made(), undefined);
  });

  for (const status of [403, 405])
    it(`has it imported where glance takes no plain upload: ${status}`, async () => {
      const { cloud, upload, made } = await subject();
      cloud.arm({ call: PUT, mode: 'fail', status });
      assert.equal(await upload(), ID);
      assert.ok(made()?.data?.equals(BYTES));
      assert.equal(countOf(cloud, 'PUT images/*/stage'), 1);
      assert.equal(countOf(cloud, 'POST images/*/import'), 1);
    });

  it('takes an upload whose answer is lost for what it is', async () => {
    const { cloud, upload, made } = await subject();
    cloud.arm({ call: PUT, mode: 'lose' });
    assert.equal(await upload(), ID);
    assert.equal(countOf(cloud, PUT), 1);
    assert.equal(made()?.status, 'active');
  });

  it('leaves nothing of an upload that broke', () =>
    leavesNothing((cloud) => {
      cloud.arm({ call: PUT, mode: 'reset' });
    }, isTransient));

  it('leaves nothing of an upload that takes too long', () =>
    leavesNothing(
      (cloud) => {
        cloud.arm({ call: PUT, mode: 'hang' });
      },
      isTransient,
      { isHung: true },
    ));

  it('leaves nothing of an image that was killed on the way', () =>
    leavesNothing((cloud) => {
      cloud.onCall = (call) => {
        const found = cloud.images.images.get(ID);
        if (call === 'GET images/*' && found) found.status = 'killed';
      };
    }, isTransient));

  it('leaves nothing where glance has other data than was sent', () =>
    leavesNothing((cloud) => {
      cloud.onCall = (call) => {
        const found = cloud.images.images.get(ID);
        if (call === 'GET images/*' && found) found.data = Buffer.from('the dusk');
      };
    }, isTransient));

  for (const name of ['md5', 'sha256'])
    it(`leaves nothing where the file is not the one that was built: ${name}`, () =>
      leavesNothing(() => undefined, isFatal, { checksums: { [name]: '0123' } }));

  it('does not compare what the build does not know', async () => {
    const { upload } = await subject();
    assert.equal(await upload({ checksums: {} }), ID);
  });

  it('says so where it cannot take back what is left', async () => {
    const { cloud, upload, warnings } = await subject();
    cloud.arm({ call: PUT, mode: 'reset' });
    cloud.arm({ call: 'DELETE images/*', mode: 'fail', status: 403 });
    await assert.rejects(upload(), isTransient);
    assert.deepEqual(
      warnings.map(({ message, fields }) => [message, fields?.image]),
      [['image of a failed upload remains', ID]],
    );
  });

  it('makes no image of a file that is not there', async () => {
    const { cloud, upload } = await subject();
    await assert.rejects(upload({ file: join(folder, 'none') }), { code: 'ENOENT' });
    assert.deepEqual(cloud.calls, []);
  });
});

describe('the fields of a new image', () => {
  it("are glance's, openstacksdk's, those of meta, and the tags over them", () => {
    const meta = {
      ...{ visibility: 'shared', min_disk: '5', min_ram: 1, protected: false, hw: true, no: null },
      ...{ list: [1], nodepool_build_id: 'x', name: 'y' },
    };
    const found = imageFields(
      {
        ...{ name: 'image-1', image: image(meta), file: '/x', checksums: { md5: 'abc' } },
        metadata: { nodepool_build_id: '7' },
      },
      'raw',
    );
    assert.deepEqual(found, {
      ...{ name: 'image-1', disk_format: 'raw', container_format: 'bare', visibility: 'shared' },
      'owner_specified.openstack.md5': 'abc',
      'owner_specified.openstack.sha256': '',
      'owner_specified.openstack.object': 'images/image-1',
      ...{ min_disk: 5, min_ram: 1, protected: false, hw: 'True', no: '', list: '[1]' },
      nodepool_build_id: '7',
    });
  });
});
