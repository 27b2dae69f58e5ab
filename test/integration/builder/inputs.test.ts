/** Images follow what goes into them, and nothing else. */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BuilderSite, imageProvider, type RunningBuilder } from '../../support/builder-site.ts';
import { eventually } from '../../support/eventually.ts';

describe('what goes into images', () => {
  let site: BuilderSite;
  beforeEach(async () => {
    site = await BuilderSite.open();
    await element('ours', 'echo one\n');
    await element('control', 'echo one\n');
  });
  afterEach(() => site.close());

  async function element(name: string, script: string): Promise<void> {
    const folder = join(site.folder, 'elements', name, 'install.d');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, '50-x'), script);
  }

  /** `control` is what is seen to be built where it is to be seen that `debian` is not. */
  function configure(debian: object = {}, providers = ['first']): void {
    const diskimages = [
      { name: 'debian', elements: ['vm', 'ours'], ...debian },
      { name: 'control', elements: ['vm', 'control'] },
    ];
    site.configure({
      diskimages,
      providers: providers.map((name) =>
        imageProvider(name, { diskimages: diskimages.map(({ name: image }) => ({ name: image })) }),
      ),
      more: { 'elements-dir': join(site.folder, 'elements') },
    });
  }

  const ready = (image = 'debian'): string[] =>
    site.builds(image).flatMap(({ state, id }) => (state === 'ready' ? [id] : []));
  const uploads = (provider: string, image = 'debian'): string[] =>
    site.uploads(provider, image).flatMap(({ state, build }) => (state === 'ready' ? [build] : []));
  const untilUploaded = (count: number, image: string, provider = 'first'): Promise<void> =>
    eventually(() => {
      assert.equal(uploads(provider, image).length, count, image);
    });
  /** In the same looks others would be found, too. */
  async function untilControlFollows(): Promise<void> {
    const before = ready('control');
    await element('control', `echo ${before.join()}\n`);
    await eventually(() => ready('control').some((build) => !before.includes(build)));
  }

  async function digest({ images }: RunningBuilder, build: string): Promise<unknown> {
    const path = join(images, `debian-${build}.d/inputs.json`);
    return (JSON.parse(await readFile(path, 'utf8')) as { digest: unknown }).digest;
  }

  it('have them built anew when it has changed, also while the builder was away', async () => {
    configure({ 'env-vars': { TOKEN: 'hunter2' } });
    const first = await site.start();
    await untilUploaded(1, 'debian');
    const [oldest = ''] = ready();
    await element('ours', 'echo two\n');
    await untilUploaded(2, 'debian');
    const [changed = ''] = ready().filter((build) => build !== oldest);
    assert.notEqual(await digest(first, changed), await digest(first, oldest));
    assert.ok(first.lines.some((line) => line.includes('"changes":"element ours"')));
    assert.equal(ready('control').length, 1);
    await first.stop();
    configure({ 'env-vars': { TOKEN: 'hunter3' } });
    const second = await site.start();
    await eventually(() => {
      assert.equal(ready().length, 2);
      assert.ok(!ready().includes(oldest), 'the third, whose coming has the first go');
    });
    assert.ok(second.lines.some((line) => line.includes('"changes":"env-vars: TOKEN"')));
    assert.doesNotMatch([...first.lines, ...second.lines].join('\n'), /hunter/);
  });

  it('has nothing built where only the providers change, or nothing at all', async () => {
    configure();
    const first = await site.start();
    await untilUploaded(1, 'debian');
    await untilUploaded(1, 'control');
    await first.stop();
    configure({}, ['first', 'second']);
    await site.start();
    await untilUploaded(1, 'debian', 'second');
    await untilControlFollows();
    assert.deepEqual([ready().length, site.builds().length], [1, 1]);
    assert.deepEqual(uploads('second'), ready());
  });

  it('that changes during a build has another one follow, and no more', async () => {
    configure();
    const path = join(site.folder, 'elements/ours/late');
    await site.behave(`[ "$DIB_IMAGE_NAME" = control ] || touch ${path}`);
    const builder = await site.start();
    await eventually(() => {
      assert.equal(ready().length, 2);
    });
    const [one = '', two = ''] = ready();
    assert.notEqual(await digest(builder, one), await digest(builder, two));
    await untilControlFollows();
    assert.equal(site.builds().length, 2);
  });

  it('of other builders is not ours to judge', async () => {
    configure();
    const one = await site.start('one');
    await untilUploaded(1, 'debian');
    await untilUploaded(1, 'control');
    await one.stop();
    configure({ release: 'other' });
    await site.start('two');
    await site.touch('control/request-build');
    await untilUploaded(2, 'control');
    await untilControlFollows();
    assert.equal(site.builds().length, 1);
  });

  it('is known also when the files are gone after their upload', async () => {
    configure({ 'delete-after-upload': true });
    await site.start();
    await untilUploaded(1, 'debian');
    await untilUploaded(1, 'control');
    const [build = ''] = ready();
    const isLone = async (): Promise<boolean> =>
      (await site.files()).filter((name) => name.includes(build)).join() === `debian-${build}.d`;
    await eventually(isLone);
    await untilControlFollows();
    assert.ok(await isLone());
    assert.deepEqual(ready(), [build]);
    await element('ours', 'echo two\n');
    await untilUploaded(2, 'debian');
  });
});
