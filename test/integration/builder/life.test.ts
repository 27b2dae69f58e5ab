/** The life of images, from the configuration to the clouds and back to nothing. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BuilderSite, imageProvider } from '../../support/builder-site.ts';
import { eventually } from '../../support/eventually.ts';

describe('images of a builder', () => {
  let site: BuilderSite;
  beforeEach(async () => {
    site = await BuilderSite.open();
  });
  afterEach(() => site.close());

  const ready = (): string[] =>
    site.builds().flatMap(({ state, id }) => (state === 'ready' ? [id] : []));
  const uploaded = (provider: string): string[] =>
    site.uploads(provider).flatMap(({ state, build }) => (state === 'ready' ? [build] : []));
  const untilUploaded = (count: number): Promise<void> =>
    eventually(() => {
      for (const provider of ['first', 'second'])
        assert.equal(uploaded(provider).length, count, provider);
    });

  it('are built once and uploaded to each provider, whole and with their tags', async () => {
    await site.start();
    await untilUploaded(1);
    const [build = ''] = ready();
    const data = 'data of debian as qcow2\n';
    assert.deepEqual(
      site.cloudImages().map((one) => [one.build, one.data]),
      [
        [build, data],
        [build, data],
      ],
    );
    assert.equal(await site.buildLog(build), 'builds debian for nothing\nExit code: 0\n');
    const names = ['d', 'qcow2', 'qcow2.md5', 'qcow2.sha256'];
    assert.deepEqual(
      await site.files(),
      names.map((name) => `debian-${build}.${name}`),
    );
    assert.equal(site.builds()[0]?.builder, 'one.example');
  });

  it('are built anew when somebody asks for it; of three the oldest goes, everywhere', async () => {
    await site.start();
    await untilUploaded(1);
    const [oldest = ''] = ready();
    await site.touch('debian/request-build');
    await untilUploaded(2);
    assert.ok(!site.store.isRequested('debian'), 'the request is answered');
    await site.touch('debian/request-build');
    await eventually(async () => {
      assert.deepEqual([uploaded('first').length, uploaded('second').length], [2, 2]);
      assert.ok(!site.store.buildIds('debian').includes(oldest));
      assert.equal(site.builds().length, 2);
      assert.equal(site.cloudImages().length, 4);
      assert.ok(!(await site.files()).some((name) => name.includes(oldest)));
    });
  });

  it('wait while they are paused', async () => {
    await site.touch('debian/pause');
    const { lines } = await site.start();
    await eventually(() => lines.some((line) => line.includes('provider runs')));
    await site.touch('other/request-build');
    assert.deepEqual(site.builds(), []);
    await site.client.delete('/nodepool/images/debian/pause');
    await untilUploaded(1);
  });

  it('that fail say at what, and are tried again later', async () => {
    await site.behave(
      `echo 'Copying hooks /e/broken/install.d/50-x'
echo 'dib-run-parts Running /tmp/in_target.d/install.d/50-x'
echo 'no such package'; exit 3`,
    );
    const { lines } = await site.start();
    await eventually(() =>
      lines.some((line) => line.includes('element broken, install.d, 50-x: no such package')),
    );
    await eventually(() => {
      assert.deepEqual(site.builds(), [], 'the failed one goes');
    });
    assert.deepEqual(await site.files(), []);
    // Somebody has mended it, and does not wait until it is tried again.
    await site.behave('');
    await site.touch('debian/request-build');
    await untilUploaded(1);
    assert.ok(!site.store.isRequested('debian'));
  });

  it('leave one broken provider alone', async () => {
    const broken = imageProvider('broken', { cloud: 'nowhere' });
    site.configure({ providers: [broken, imageProvider('first'), imageProvider('second')] });
    await site.start();
    await untilUploaded(1);
    assert.deepEqual(site.uploads('broken'), []);
  });

  it('go from a provider that lists them no more, and with the configuration', async () => {
    const first = await site.start();
    await untilUploaded(1);
    await first.stop();
    site.configure({
      providers: [imageProvider('first', { diskimages: [] }), imageProvider('second')],
    });
    const second = await site.start();
    await eventually(() => {
      assert.deepEqual(site.uploads('first'), []);
      assert.equal(site.cloudImages().length, 1);
    });
    await second.stop();
    site.configure({
      diskimages: [],
      providers: ['first', 'second'].map((name) => imageProvider(name, { diskimages: [] })),
    });
    await site.start();
    await eventually(async () => {
      assert.deepEqual(site.store.buildIds('debian'), []);
      assert.deepEqual([site.cloudImages(), await site.files()], [[], []]);
    });
  });

  it('are broken off when the builder stops, and begun anew by the next one', async () => {
    await site.behave('sleep 1000');
    const first = await site.start();
    await eventually(() => {
      assert.equal(site.builds()[0]?.state, 'building');
    });
    await first.stop();
    await eventually(() => {
      assert.equal(site.builds()[0]?.state, 'failed');
    });
    await site.behave('');
    await site.start();
    await untilUploaded(1);
  });

  it('of a builder whose session is lost are taken over, and nothing half stays', async () => {
    await site.behave('sleep 1000');
    const first = await site.start('one');
    await eventually(() => {
      assert.equal(site.builds()[0]?.state, 'building');
    });
    await first.lose();
    await site.behave('');
    await site.start('two');
    await untilUploaded(1);
    await eventually(() => {
      assert.equal(site.builds().length, 1);
    });
    assert.deepEqual(
      (await site.files('one')).filter((name) => name.startsWith('.')),
      [],
    );
  });

  it('are shared by builders: each is built once, and uploaded by who has it', async () => {
    const images = Array.from({ length: 6 }, (_, n) => ({ name: `image-${n}` }));
    const lists = { diskimages: images };
    site.configure({
      diskimages: images,
      providers: [imageProvider('first', lists), imageProvider('second', lists)],
    });
    await Promise.all([site.start('one'), site.start('two')]);
    await eventually(() => {
      for (const { name } of images)
        for (const provider of ['first', 'second'])
          assert.equal(
            site.uploads(provider, name).filter((one) => one.state === 'ready').length,
            1,
          );
    });
    for (const { name } of images) assert.equal(site.builds(name).length, 1, name);
    assert.equal(site.cloudImages().length, 12);
  });

  it('leave files that are no build of ours', async () => {
    const builder = await site.start();
    await writeFile(join(builder.images, 'backup-2024.raw'), 'precious');
    await untilUploaded(1);
    await eventually(() => builder.lines.some((line) => line.includes('upload is ready')));
    assert.ok((await site.files()).includes('backup-2024.raw'));
  });

  it('are removed where they are nothing but a lock that nobody holds', async () => {
    const [free, held] = ['a', 'b'].map((letter) => letter.repeat(32));
    // As Python leaves it: it locks a build that another one has just removed.
    await site.touch(`debian/builds/${free ?? ''}/lock`);
    await site.touch(`debian/builds/${held ?? ''}/lock/holder`);
    await site.start();
    await untilUploaded(1);
    await eventually(() => {
      const ids = site.store.buildIds('debian');
      assert.ok(!ids.includes(free ?? '') && ids.includes(held ?? ''), ids.join(' '));
    });
  });
});
