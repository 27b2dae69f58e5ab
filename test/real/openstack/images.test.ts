/** Disk images on the way to the real glance, as the builder sends them. */
import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { ManualClock } from '../../../fixtures/clock.ts';
import { hasCode } from '../../../shared/base/errors.ts';
import type { ImageStore, Provider } from '../../../shared/drivers/driver.ts';
import { eventually } from '../../support/eventually.ts';
import { Desk, PROVIDER } from './desk.ts';
import { anUpload, LiveMemory, MIB, openFiles, shown } from './image-files.ts';
import { SENDING, TROUBLES } from './image-troubles.ts';
import { servicesOrSkip } from './scene.ts';
import { stopServices, type OpenStackServices } from './services.ts';
import { PATIENCE_MS, type Resource } from './tenant.ts';

const SMALL = 4 * MIB;
const LARGE = 64 * MIB;
const POLL_MS = 50;

const never = new AbortController().signal;

describe('images in a real glance', function () {
  this.timeout(600_000);
  let services: OpenStackServices;
  let desk: Desk;
  const desks: Desk[] = [];
  before(async function () {
    services = await servicesOrSkip(this);
    desk = await Desk.make(services);
    desks.push(desk);
  });
  afterEach(async () => {
    await desk.tidy();
    for (const { id } of await stored()) await desk.tenant.rest.remove('image', `/images/${id}`);
  });
  after(async () => {
    for (const one of desks) await one.drop();
    await stopServices();
  });

  const storeOf = async (fields = {}): Promise<ImageStore> => imagesOf(await desk.provider(fields));

  /** What glance has of the tenant, in its own words. */
  const stored = async (): Promise<readonly Resource[]> => {
    const { rest } = desk.tenant;
    const path = `/images?owner=${rest.projectId}`;
    return ((await rest.get('image', path)) as { images: Resource[] }).images;
  };

  const left = async (): Promise<readonly string[]> =>
    (await stored()).map(({ id, name, status }) => `${status ?? ''} ${name ?? ''} ${id}`);

  it('streams a file, tells how far it is, and has it verified', async () => {
    const { upload, checksums } = await anUpload(desk, LARGE);
    const store = await storeOf();
    const told: number[] = [];
    const memory = new LiveMemory();
    const onProgress = (sent: number, total: number): void => {
      assert.equal(total, LARGE);
      told.push(sent);
      memory.look();
    };
    const id = await store.upload({ ...upload, onProgress }, never);
    assert.ok(memory.grownMiB < 24, `buffers that live: ${memory.grownMiB} MiB`);
    assert.equal(told.length, LARGE / MIB);
    assert.deepEqual(
      told,
      told.toSorted((a, b) => a - b),
    );
    assert.equal(told.at(-1), LARGE);
    const [image] = await stored();
    assert.equal(image?.id, id);
    assert.deepEqual(
      ...shown(image, {
        ...{ name: upload.name, status: 'active', size: LARGE, visibility: 'private' },
        ...{ disk_format: 'qcow2', container_format: 'bare' },
        ...{ checksum: checksums.md5, os_hash_algo: 'sha512', os_hash_value: checksums.sha512 },
      }),
    );
    await store.delete(id, never);
    assert.deepEqual(await left(), []);
  });

  it('sends properties as openstacksdk does', async () => {
    const meta = {
      ...{ os_distro: 'debian', hw_qemu_guest_agent: true, is_small: false, hw_cpu_cores: 4 },
      ...{ min_disk: '3', min_ram: 512, tags: ['one', 'two'], protected: false },
    };
    const { upload, checksums } = await anUpload(desk, SMALL, { meta });
    const store = await storeOf();
    await store.upload(upload, never);
    const [image] = await stored();
    assert.deepEqual(
      ...shown(image, {
        ...{ os_distro: 'debian', hw_qemu_guest_agent: 'True', is_small: 'False' },
        ...{ hw_cpu_cores: '4', min_disk: 3, min_ram: 512, protected: false },
        ...upload.metadata,
        'owner_specified.openstack.md5': checksums.md5,
        'owner_specified.openstack.sha256': checksums.sha256,
        'owner_specified.openstack.object': `images/${upload.name}`,
      }),
    );
    assert.deepEqual((image?.tags as string[]).toSorted(), ['one', 'two']);
    await store.delete(image?.id ?? '', never);
  });

  it('imports where an upload is refused', async () => {
    const { rest } = desk.tenant;
    const offered = (await rest.get('image', '/info/import')) as {
      'import-methods': { value: string[] };
    };
    assert.ok(offered['import-methods'].value.includes('glance-direct'));
    for (const status of [403, 405]) {
      desk.proxy.faults.add({ ...SENDING, times: 1, fault: { kind: 'status', status } });
      const { upload, checksums } = await anUpload(desk, SMALL);
      const store = await storeOf();
      const id = await store.upload(upload, never);
      const [image] = await stored();
      assert.deepEqual(
        ...shown(image, {
          ...{ id, status: 'active', size: SMALL, os_hash_value: checksums.sha512 },
        }),
      );
      await store.delete(id, never);
      await desk.tidy();
    }
  });

  it('refuses a file that is not the one that was built, and deletes its image', async () => {
    const store = await storeOf();
    for (const other of [Buffer.alloc(SMALL, 7), Buffer.alloc(SMALL + 1)]) {
      const { upload } = await anUpload(desk, SMALL);
      await writeFile(upload.file, other);
      await assert.rejects(store.upload(upload, never), (error) => {
        assert.ok(hasCode(error, 'NP_CLOUD_FATAL'));
        assert.match(String(error), /not the one that was built/);
        return true;
      });
      assert.deepEqual(await left(), []);
    }
  });

  it('refuses a file that grows while it is read, and deletes its image', async () => {
    const { upload } = await anUpload(desk, SMALL);
    const store = await storeOf();
    const onProgress = (): void => {
      appendFileSync(upload.file, Buffer.alloc(MIB));
    };
    await assert.rejects(store.upload({ ...upload, onProgress }, never));
    assert.deepEqual(await left(), []);
  });

  for (const [what, rule, ending] of TROUBLES)
    it(`${ending === 'none' ? 'leaves nothing' : 'succeeds'} where ${what}`, async () => {
      const { upload, checksums } = await anUpload(desk, SMALL);
      const store = await storeOf();
      const rules = [rule].flat().map((one) => desk.proxy.faults.add({ times: 1, ...one }));
      const result = store.upload(upload, never);
      if (ending === 'none') {
        await assert.rejects(result, (error) => hasCode(error, 'NP_CLOUD_TRANSIENT'));
        assert.deepEqual(await left(), []);
      } else {
        const id = await result;
        const images = await stored();
        assert.deepEqual(
          images.map((image) => [image.id, image.status, image.checksum]),
          [[id, 'active', checksums.md5]],
        );
        await store.delete(id, never);
      }
      for (const { struck } of rules) assert.ok(struck > 0, 'the fault struck');
      assert.deepEqual(await openFiles(upload.file), []);
    });

  it('gives up after image-upload-timeout, with nothing left when it says so', async () => {
    const clock = new ManualClock(Date.now());
    const provider = await desk.provider({ 'image-upload-timeout': 1800 }, { clock });
    const { upload } = await anUpload(desk, LARGE);
    desk.proxy.faults.add({ ...SENDING, fault: { kind: 'stall', afterBytes: 2 * MIB } });
    const told: number[] = [];
    const onProgress = (sent: number): void => void told.push(sent);
    const result = imagesOf(provider).upload({ ...upload, onProgress }, never);
    const refused = assert.rejects(result, (error) => {
      assert.ok(hasCode(error, 'NP_CLOUD_TRANSIENT'));
      assert.match(String(error), /not uploaded within 1800 s/);
      return true;
    });
    await eventually(() => (told.at(-1) ?? 0) >= 2 * MIB, PATIENCE_MS, POLL_MS);
    await clock.advance(1_800_000);
    await refused;
    assert.deepEqual(await left(), []);
    assert.ok((told.at(-1) ?? 0) < LARGE, 'the rest of the file is not read');
    await eventually(async () => {
      assert.deepEqual(await openFiles(upload.file), []);
    });
  });

  it('ends with its signal, with nothing left', async () => {
    const { upload } = await anUpload(desk, SMALL);
    const store = await storeOf();
    for (const route of ['/images', '/images/ID/file']) {
      const rule = desk.proxy.faults.add({ service: 'image', route, fault: { kind: 'hang' } });
      const ending = new AbortController();
      const refused = assert.rejects(store.upload(upload, ending.signal), (error) =>
        hasCode(error, 'NP_ABORTED'),
      );
      await eventually(() => rule.struck > 0, PATIENCE_MS, POLL_MS);
      ending.abort();
      await refused;
      assert.deepEqual(await left(), []);
      rule.remove();
    }
  });

  it('lists what is there, and deletes it as often as one likes', async () => {
    const store = await storeOf();
    const uploads = [await anUpload(desk, MIB), await anUpload(desk, MIB)];
    const ids: string[] = [];
    for (const { upload } of uploads) ids.push(await store.upload(upload, never));
    const ours = (await store.list(never)).filter(({ externalId }) => ids.includes(externalId));
    assert.deepEqual(
      ours.map(({ name }) => name).toSorted(),
      uploads.map(({ upload }) => upload.name).toSorted(),
    );
    for (const { metadata } of ours) {
      assert.equal(metadata.nodepool_provider_name, PROVIDER);
      assert.match(metadata.nodepool_upload_id ?? '', /^\d+$/);
    }
    const [first = ''] = ids;
    for (const id of [...ids, first, 'c0ffee00-0000-4000-8000-000000000000', 'no-id'])
      await store.delete(id, never);
    assert.deepEqual(await left(), []);
  });
});

function imagesOf(provider: Provider): ImageStore {
  assert.ok(provider.images);
  return provider.images;
}
