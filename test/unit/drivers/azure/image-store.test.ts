import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { ManualClock } from '../../../../fixtures/clock.ts';
import type { ProviderImage } from '../../../../schemas/config/model.ts';
import { hasCode } from '../../../../shared/base/errors.ts';
import { silentLogger, type Logger } from '../../../../shared/base/log.ts';
import { AzureImageStore } from '../../../../shared/drivers/azure/image-store.ts';
import { Skus } from '../../../../shared/drivers/azure/skus.ts';
import type { ImageUpload } from '../../../../shared/drivers/driver.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { skuFields } from './sku-fields.ts';
import { MemoryStore, SECRET, stumble } from './store-services.ts';
import { vhdBytes } from '../../../support/vhd-file.ts';

const NAME = 'debian-1700000000';
const MIB = 1 << 20;
const TAGS = {
  ...{ nodepool_provider_name: 'azure', nodepool_build_id: '7', nodepool_upload_id: '1' },
  release: 'bookworm',
};
/** Segments 0 and 2 have bytes, 1 is zero, 3 is the footer. */
const BYTES = vhdBytes(12, { 1: 1, 9: 2 });
const sumOf = (name: string): string => createHash(name).update(BYTES).digest('hex');
const never = (): AbortSignal => new AbortController().signal;

/** One call after the other, as an upload makes them where nothing goes wrong. */
const CALLS = [
  ...['get image', 'get disk', 'create disk', 'grant', 'put', 'put', 'put', 'revoke'],
  ...['create image', 'delete disk'],
];

function imageWith(tags: Readonly<Record<string, unknown>>): ProviderImage {
  return { name: 'debian', options: { tags } } as unknown as ProviderImage;
}

describe('AzureImageStore', () => {
  let folder = '';
  let file = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'azure-images-'));
    file = join(folder, 'image.vhd');
    await writeFile(file, BYTES);
  });
  after(() => rm(folder, { recursive: true }));

  function subject({ zones = ['1', '2'] }: { readonly zones?: readonly string[] } = {}) {
    const clock = new ManualClock();
    const services = new MemoryStore();
    const said: string[] = [];
    const say = (message: string, fields?: unknown): void => {
      said.push(`${message} ${inspect(fields, { depth: 9 })}`);
    };
    const log: Logger = { ...silentLogger, debug: say, info: say, warn: say, error: say };
    const skus = new Skus({
      limits: { skus: () => Promise.resolve([skuFields('Standard_B1s', { zones })]) },
      ...{ location: 'eastus', clock },
    });
    const store = new AzureImageStore({
      ...{ services, skus, location: 'eastus', clock, log, random: () => 0.5 },
      accessSeconds: 3600,
    });
    const image = imageWith({});
    const wish: ImageUpload = {
      ...{ name: NAME, image, file, metadata: TAGS },
      checksums: { md5: sumOf('md5'), sha256: sumOf('sha256').toUpperCase() },
    };
    const upload = (changes: Partial<ImageUpload> = {}, signal = never()): Promise<string> =>
      settleByTurning(clock, store.upload({ ...wish, ...changes }, signal));
    const left = (): number => services.diskStock.size + services.imageStock.size;
    return { clock, services, store, upload, said, left };
  }

  it('makes a disk, fills it, makes an image of it, and deletes it', async () => {
    const { services, upload } = subject();
    let disk: Buffer | undefined;
    services.onCall = (call) => {
      if (call === 'create image') disk = services.diskStock.get(NAME)?.bytes;
    };
    assert.equal(await upload(), NAME);
    assert.deepEqual(services.calls, CALLS);
    assert.ok(disk?.equals(BYTES));
    assert.deepEqual(
      [...services.imageStock],
      [
        [
          NAME,
          {
            ...{ name: NAME, id: `/images/${NAME}`, location: 'eastus', tags: TAGS },
            hyperVGeneration: 'V2',
            storageProfile: {
              osDisk: {
                ...{ osType: 'Linux', osState: 'Generalized' },
                managedDisk: { id: `/disks/${NAME}` },
              },
              zoneResilient: true,
            },
          },
        ],
      ],
    );
    assert.equal(services.diskStock.size, 0);
  });

  it('asks for a disk of the size of the file, with the tags', async () => {
    const { services, upload } = subject();
    let disk: unknown;
    services.onCall = (call) => {
      if (call === 'grant') disk = services.diskStock.get(NAME)?.fields;
    };
    await upload();
    assert.deepEqual(disk, {
      ...{ location: 'eastus', tags: TAGS },
      creationData: { createOption: 'Upload', uploadSizeBytes: 12 * MIB + 512 },
    });
  });

  it('gives disk and image the tags of the configured image, and its own over them', async () => {
    const { services, upload } = subject();
    let disk: unknown;
    services.onCall = (call) => {
      if (call === 'grant') disk = services.diskStock.get(NAME)?.fields.tags;
    };
    await upload({ image: imageWith({ owner: 'infra', flag: true, nodepool_upload_id: 'x' }) });
    const tags = { ...TAGS, owner: 'infra', flag: 'True' };
    assert.deepEqual(disk, tags);
    assert.deepEqual(services.imageStock.get(NAME)?.tags, tags);
  });

  it('makes no zone-resilient image where there are no zones', async () => {
    const { services, upload } = subject({ zones: [] });
    await upload();
    assert.equal(services.imageStock.get(NAME)?.storageProfile?.zoneResilient, false);
  });

  it('does not send what is zero, but counts it', async () => {
    const { services, upload } = subject();
    const progress: [number, number][] = [];
    await upload({ onProgress: (...now) => progress.push(now) });
    assert.deepEqual(
      services.written.toSorted((a, b) => a - b),
      [0, 8 * MIB, 12 * MIB],
    );
    assert.deepEqual(progress.at(-1), [BYTES.length, BYTES.length]);
    assert.equal(progress.length, 4);
  });

  for (const call of new Set(CALLS.slice(2, -1)))
    for (const mode of ['fail', 'lose'] as const)
      it(`leaves nothing where a call is refused: ${call}, ${mode}`, async () => {
        const { services, upload, left } = subject();
        services.arm({ call, mode });
        await assert.rejects(upload(), (error) => hasCode(error, 'NP_CLOUD_FATAL'));
        assert.equal(left(), 0);
      });

  it('needs no right that Python Nodepool does not need', async () => {
    const { services, upload, said, store } = subject();
    for (const call of ['get image', 'get disk', 'list disks']) services.arm({ call, times: 99 });
    assert.equal(await upload(), NAME);
    assert.deepEqual(await store.list(never()), [{ externalId: NAME, name: NAME, metadata: TAGS }]);
    await store.list(never());
    await store.delete(NAME, never());
    assert.equal(services.imageStock.size, 0);
    const refusals = said.filter((line) => line.startsWith('the cloud refuses an answer'));
    assert.equal(refusals.length, 3);
  });

  it('sends pages again that got lost', async () => {
    const { services, upload } = subject();
    for (const mode of ['fail', 'lose'] as const)
      services.arm({ call: 'put', mode, error: stumble('lost'), times: 2 });
    assert.equal(await upload(), NAME);
    assert.equal(services.calls.filter((call) => call === 'put').length, 7);
  });

  it('leaves the disk to the image where it cannot be deleted, and deletes both together', async () => {
    const { services, upload, said, store, left } = subject();
    services.arm({ call: 'delete disk' });
    assert.equal(await upload(), NAME);
    assert.ok(said.some((line) => line.startsWith('disk of an upload remains')));
    assert.deepEqual(await store.list(never()), [{ externalId: NAME, name: NAME, metadata: TAGS }]);
    await store.delete(NAME, never());
    assert.equal(left(), 0);
    await store.delete(NAME, never());
  });

  const checks: readonly [string, Partial<ImageUpload>][] = [
    ['md5', { checksums: { md5: '0123' } }],
    ['sha256', { checksums: { sha256: '0123' } }],
  ];
  for (const [name, changes] of checks)
    it(`makes no image of a file that is not the one that was built: ${name}`, async () => {
      const { services, upload, left } = subject();
      await assert.rejects(upload(changes), (error) => hasCode(error, 'NP_CLOUD_FATAL'));
      assert.equal(left(), 0);
      assert.ok(!services.calls.includes('create image'));
    });

  it('asks Azure for nothing where the file is no VHD of fixed size', async () => {
    const { services, upload } = subject();
    const bad = join(folder, 'bad');
    await writeFile(bad, Buffer.alloc(MIB));
    await assert.rejects(upload({ file: bad }), /no footer/);
    await assert.rejects(upload({ file: join(folder, 'none') }), { code: 'ENOENT' });
    assert.deepEqual(services.calls, []);
  });

  for (const kind of ['image', 'disk'] as const)
    it(`leaves alone what has the name already: ${kind}`, async () => {
      const { services, upload, left } = subject();
      const tags = { ...TAGS, nodepool_provider_name: 'other' };
      if (kind === 'image') services.imageStock.set(NAME, { location: 'eastus', tags });
      else
        services.diskStock.set(NAME, {
          ...{ fields: { location: 'eastus', tags }, state: 'ActiveUpload', bytes: BYTES },
        });
      await assert.rejects(upload(), /name is taken/);
      assert.equal(left(), 1);
    });

  it('takes nothing back that became another upload in the same moment', async () => {
    const { services, upload, left } = subject();
    const tags = { ...TAGS, nodepool_upload_id: '2' };
    services.onCall = (call) => {
      const fields = { location: 'eastus', tags };
      if (call === 'grant')
        services.diskStock.set(NAME, { fields, state: 'ActiveUpload', bytes: BYTES });
    };
    services.arm({ call: 'grant' });
    await assert.rejects(upload());
    assert.equal(left(), 1);
  });

  it('takes back a disk to which an access comes after the upload was given up', async () => {
    const { services, upload, left } = subject();
    services.arm({ call: 'grant' });
    services.onCall = (call) => {
      const disk = services.diskStock.get(NAME);
      const isFirst = services.calls.filter((one) => one === 'delete disk').length === 1;
      if (call === 'delete disk' && isFirst && disk) disk.state = 'ActiveUpload';
    };
    await assert.rejects(upload(), /grant on purpose/);
    assert.equal(left(), 0);
  });

  it('ends with an abort, and takes back what there is', async () => {
    const { services, upload, left } = subject();
    const controller = new AbortController();
    services.onCall = (call) => {
      if (call === 'put') controller.abort();
    };
    await assert.rejects(upload({}, controller.signal), (error) => hasCode(error, 'NP_ABORTED'));
    assert.equal(left(), 0);
  });

  it('asks for a new address when the old one is no longer taken', async () => {
    const { clock, services, upload, said } = subject();
    let isFirst = true;
    services.onCall = async (call) => {
      if (call !== 'put' || !isFirst) return;
      isFirst = false;
      await clock.advance(60_000);
      services.addresses.clear();
    };
    let disk: Buffer | undefined;
    const onProgress = (): void => {
      disk = services.diskStock.get(NAME)?.bytes;
    };
    assert.equal(await upload({ onProgress }), NAME);
    assert.equal(services.calls.filter((call) => call === 'grant').length, 2);
    assert.ok(disk?.equals(BYTES));
    assert.ok(said.some((line) => line.startsWith('write access to the disk is asked for again')));
    assert.ok(!said.join('\n').includes(SECRET));
  });

  it('asks for none where a fresh one is not taken', async () => {
    const { services, upload, left } = subject();
    services.onCall = (call) => {
      if (call === 'put') services.addresses.clear();
    };
    await assert.rejects(upload(), /signature is over/);
    assert.equal(services.calls.filter((call) => call === 'grant').length, 1);
    assert.equal(left(), 0);
  });

  it('shows images, and disks that an upload left', async () => {
    const { services, store } = subject();
    const fields = (tags?: Record<string, string>) => ({
      location: 'eastus',
      ...(tags && { tags }),
    });
    services.imageStock.set('foreign', { ...fields(), name: 'foreign' });
    services.diskStock.set('np0000000001_OsDisk', {
      ...{ fields: fields({ nodepool_node_id: '1' }), state: 'Attached', bytes: BYTES },
    });
    services.diskStock.set(NAME, { fields: fields(TAGS), state: 'ActiveUpload', bytes: BYTES });
    assert.deepEqual(await store.list(never()), [
      { externalId: NAME, name: NAME, metadata: TAGS },
      { externalId: 'foreign', name: 'foreign', metadata: {} },
    ]);
    await store.delete(NAME, never());
    assert.deepEqual([...services.diskStock.keys()], ['np0000000001_OsDisk']);
  });

  it('deletes no disk that is no upload', async () => {
    const { services, store, left } = subject();
    services.diskStock.set('disk', {
      ...{ fields: { location: 'eastus' }, state: 'Unattached', bytes: BYTES },
    });
    await store.delete('disk', never());
    assert.equal(left(), 1);
  });
});
