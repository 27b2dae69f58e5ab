import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, BUILDS, putImages, upload, uploadsOf } from '../../support/cli-images.ts';
import { CliSite } from '../../support/cli-site.ts';

const PARENT = uploadsOf('trixie', BUILDS.ready, 'cloud');
const BUILD = `/nodepool/images/trixie/builds/${BUILDS.ready}`;

describe('nodepool export-image-data and import-image-data', () => {
  let site: CliSite;
  let file: string;

  beforeEach(async () => {
    site = await CliSite.make();
    file = join(site.folder, 'images.json');
  });
  afterEach(() => site.close());

  const importData = async (data: Record<string, object | string>) => {
    const texts = Object.entries(data).map(([path, value]) => [
      path,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]);
    await writeFile(file, JSON.stringify(Object.fromEntries(texts)));
    return site.ours('import-image-data', file);
  };

  const nextNumber = async (): Promise<number> => {
    const { path } = await site.client.create(`${PARENT}/`, undefined, {
      mode: 'persistentSequential',
    });
    return Number(path.slice(-10));
  };

  it('bring all back', async () => {
    await putImages(site);
    assert.deepEqual(await site.ours('export-image-data', file), { code: 0, out: '', err: '' });
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const exported = await readFile(file, 'utf8');
    await site.client.deleteTree('/nodepool/images');
    assert.deepEqual(await site.ours('import-image-data', file), { code: 0, out: '', err: '' });
    await site.ours('export-image-data', file);
    assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), JSON.parse(exported));
  });

  it('number later uploads above those of the file', async () => {
    await importData({ [BUILD]: build(), [`${PARENT}/0000001203`]: upload() });
    assert.ok((await nextNumber()) > 1203);
    assert.deepEqual((await site.client.children(PARENT)).children.sort(), [
      '0000001203',
      '0000001205',
    ]);
  });

  it('do nothing when done again', async () => {
    const data = {
      [BUILD]: build(),
      [`${PARENT}/0000000007`]: upload(),
      [`${PARENT}/0000000002`]: upload(),
    };
    await importData(data);
    const stats = () =>
      Promise.all(
        [BUILD, PARENT, `${PARENT}/0000000002`].map(async (path) => {
          const found = await site.client.exists(path);
          assert.ok(found);
          return [found.mzxid, found.pzxid, found.cversion];
        }),
      );
    const before = await stats();
    assert.equal((await importData(data)).code, 0);
    assert.deepEqual(await stats(), before);
  });

  it('replace what stands there, and leave alone what is not in the file', async () => {
    await putImages(site);
    const before = await site.tree();
    const path = `/nodepool/images/debian-trixie/builds/${BUILDS.ready}`;
    await importData({ [path]: build({ state: 'failed' }) });
    assert.deepEqual(await site.tree(), { ...before, [path]: build({ state: 'failed' }) });
  });

  it('go on where an import was interrupted', async () => {
    const data = { [BUILD]: build(), [`${PARENT}/0000000003`]: upload() };
    // What a lock of the uploads counted, and an import that came as far as the parents.
    await site.put(`${PARENT}/lock`);
    await importData(data);
    assert.ok((await nextNumber()) > 3);
    assert.deepEqual((await site.tree())[`${PARENT}/0000000003`], upload());
  });

  for (const [what, data, message] of [
    [
      'a path elsewhere',
      { [BUILD]: '', '/nodepool/nodes/0000000001': '' },
      /0000000001: this is no/,
    ],
    [
      'an upload without build',
      { [`${PARENT}/0000000001`]: '' },
      /its build .* is not in the file/,
    ],
  ] as const)
    it(`refuse ${what} before anything is written`, async () => {
      const { code, out, err } = await importData(data);
      assert.deepEqual([code, out], [1, '']);
      assert.match(err, message);
      assert.match(err, /\nnothing was imported\n$/);
      assert.equal(await site.client.exists('/nodepool'), undefined);
    });

  it('say which file cannot be read or written', async () => {
    const none = join(site.folder, 'none', 'file');
    for (const [command, verb] of [
      ['import-image-data', 'read'],
      ['export-image-data', 'written'],
    ] as const) {
      const { code, err } = await site.ours(command, none);
      assert.equal(code, 1);
      assert.match(err, new RegExp(`^nodepool: .*/none/file cannot be ${verb}: ENOENT`));
    }
  });

  it('leave the old file where a znode holds no text', async () => {
    await writeFile(file, 'old');
    await site.client.ensurePath(BUILD);
    await site.client.set(BUILD, Buffer.from([0xff]));
    const { code, err } = await site.ours('export-image-data', file);
    assert.equal(code, 1);
    assert.match(err, new RegExp(`${BUILD} holds no text: .*\nlook at the znode`));
    assert.equal(await readFile(file, 'utf8'), 'old');
  });
});
