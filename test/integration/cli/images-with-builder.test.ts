/** Commands on images, and a builder that does what they order. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { BuilderSite } from '../../support/builder-site.ts';
import { CliSite } from '../../support/cli-site.ts';
import { eventually } from '../../support/eventually.ts';

describe('what operators order of a builder', () => {
  let builders: BuilderSite;
  let cli: CliSite;

  beforeEach(async () => {
    builders = await BuilderSite.open();
    cli = await CliSite.make({ diskimages: [{ name: 'debian' }] }, builders.chroot);
    await builders.start();
    await untilUploaded(1);
  });
  afterEach(async () => {
    await cli.close();
    await builders.close();
  });

  const readyOf = (provider: string): string[] =>
    builders.uploads(provider).flatMap(({ state, build }) => (state === 'ready' ? [build] : []));

  const untilUploaded = (count: number): Promise<void> =>
    eventually(() => {
      for (const provider of ['first', 'second']) assert.equal(readyOf(provider).length, count);
    });

  /** Cells of the rows of a list. */
  const rowsOf = async (command: string): Promise<string[][]> => {
    const { out } = await cli.ours(command);
    const rows = out.split('\n').filter((line) => line.startsWith('|'));
    return rows.slice(1).map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  };

  async function order(...command: string[]): Promise<void> {
    assert.deepEqual(await cli.ours(...command), { code: 0, out: '', err: '' });
  }

  it('a build, which is there once and answers the request', async () => {
    await order('dib-image-build', 'debian');
    await untilUploaded(2);
    assert.deepEqual(await rowsOf('image-status'), [['debian', 'False', '', '']]);
    assert.deepEqual(
      (await rowsOf('dib-image-list')).map((row) => row.slice(1, 5)),
      [
        ['debian', 'one.example', 'qcow2', 'ready'],
        ['debian', 'one.example', 'qcow2', 'ready'],
      ],
    );
    assert.equal((await rowsOf('image-list')).length, 4);
  });

  it('a build that is under way cannot be deleted', async () => {
    await builders.behave('sleep 1000');
    await order('image-build', 'debian');
    let id = '';
    await eventually(async () => {
      const building = (await rowsOf('dib-image-list')).find((row) => row[4] === 'building');
      id = building?.[0] ?? '';
      assert.notEqual(id, '');
    });
    assert.equal((await rowsOf('image-status'))[0]?.[2], 'building');
    const { code, out } = await cli.ours('dib-image-delete', id);
    assert.deepEqual([code, out], [0, 'Cannot delete a build in progress\n']);
  });

  it('a pause, during which nothing is built', async () => {
    await order('image-pause', 'debian');
    const request = await cli.ours('image-build', 'debian');
    assert.equal(request.code, 0);
    assert.equal((await rowsOf('dib-image-list'))[0]?.[4], 'paused');
    assert.deepEqual((await rowsOf('image-status'))[0]?.slice(0, 3), ['debian', 'True', 'pending']);
    assert.equal(builders.builds().length, 1);
    await order('image-unpause', 'debian');
    await untilUploaded(2);
  });

  it('the deletion of an upload, which is then made anew', async () => {
    const [row = []] = (await rowsOf('image-list')).filter((one) => one[2] === 'second');
    const [build = '', number = '', , , , externalId] = row;
    await order(
      ...['image-delete', '--image', 'debian', '--provider', 'second'],
      ...['--build-id', build, '--upload-id', number],
    );
    await eventually(() => {
      const [upload] = builders.uploads('second');
      assert.equal(upload?.state, 'ready');
      assert.notEqual(upload.external_id, externalId);
    });
    assert.equal(builders.cloudImages().length, 2);
  });

  it('the deletion of a build, everywhere', async () => {
    const [build = ''] = readyOf('first');
    await order('dib-image-delete', `debian-${build}`);
    await eventually(async () => {
      assert.ok(!builders.store.buildIds('debian').includes(build));
      assert.ok(!(await builders.files()).some((name) => name.includes(build)));
      assert.ok(!builders.cloudImages().some((one) => one.build === build));
    });
    // The image is wanted still, so that it is built anew.
    await untilUploaded(1);
  });

  it('builds and uploads that go on after a move to another ZooKeeper', async () => {
    const file = join(cli.folder, 'images.json');
    const before = await rowsOf('image-list');
    await order('export-image-data', file);
    const other = await CliSite.make();
    try {
      const outcome = await other.ours('import-image-data', file);
      assert.deepEqual(outcome, { code: 0, out: '', err: '' });
      const after = (await other.ours('image-list')).out;
      for (const row of before) assert.match(after, new RegExp(row.slice(0, 7).join(' +\\| +')));
    } finally {
      await other.close();
    }
  });
});
