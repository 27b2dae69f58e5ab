import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ManualClock } from '../../../../fixtures/clock.ts';
import { readInputs } from '../../../../builder/inputs/inputs-record.ts';
import { InputsKey } from '../../../../builder/inputs/key.ts';
import { Recorder, type BuildFacts } from '../../../../builder/inputs/recorder.ts';
import { Surveyor } from '../../../../builder/inputs/survey.ts';
import { ImageFolder } from '../../../../builder/files/image-folder.ts';
import { filesToDelete, localBuilds } from '../../../../builder/plan/local-files.ts';
import { collectingLogger } from '../../../support/launcher-in-process.ts';
import { build, upload } from '../../rules/images/views.ts';

const never = new AbortController().signal;
const BUILD = '0123456789ab4def8123456789abcdef';
const KEY = { image: 'debian', build: BUILD };
const NAME = `debian-${BUILD}`;
const MD5 = 'a'.repeat(32);
const SHA256 = 'b'.repeat(64);

describe('the record of a build', () => {
  let root: string;
  let lines: string[];
  let place: () => Promise<string | undefined>;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'recorder-'));
    lines = [];
    place = () => Promise.resolve('image before');
    for (const name of ['ours', 'pulled-in', 'unused']) {
      await mkdir(join(root, 'elements', name), { recursive: true });
      await writeFile(join(root, 'elements', name, 'note'), name);
    }
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const key = () => new InputsKey(root);
  const beside = (name: string): string => join(root, `${NAME}.d`, name);
  const read = async (name: string): Promise<Record<string, unknown>> =>
    JSON.parse(await readFile(beside(name), 'utf8')) as Record<string, unknown>;

  function begin() {
    const clock = new ManualClock();
    const recorder = new Recorder({
      ...{ clock, log: collectingLogger(lines), folder: new ImageFolder(root), version: '1.2' },
      ...{ key: key(), surveyor: new Surveyor({ clock, key: key() }) },
    });
    const envVars = { TOKEN: 'hunter2' };
    const image = { dibCmd: 'dib', elements: ['vm', 'ours'], release: '', envVars };
    const elementsDir = join(root, 'elements');
    return recorder.begin({ key: KEY, image, elementsDir, place: () => place() }, never);
  }

  /** What diskimage-builder leaves. */
  async function made(): Promise<void> {
    await writeFile(join(root, `${NAME}.qcow2`), 'data');
    await writeFile(join(root, `${NAME}.qcow2.md5`), `${MD5}  x\n`);
    await writeFile(join(root, `${NAME}.qcow2.sha256`), `${SHA256}  x\n`);
    await writeFile(join(root, `${NAME}.raw`), 'data');
    const manifests = join(root, `${NAME}.d/dib-manifests`);
    await mkdir(manifests, { recursive: true });
    await writeFile(join(manifests, 'dib_environment'), 'declare -x DIB_TOKEN="hunter2"\n');
    await writeFile(join(manifests, `dib-manifest-git-${NAME}`), 'zuul git /x https://x.y/z 0a\n');
    const packages = [{ package: 'bash', version: '5', arch: 'amd64', status: 'ii ' }];
    const text = JSON.stringify({ packages });
    await writeFile(join(manifests, `dib-manifest-dpkg-${NAME}`), text);
  }

  const FACTS: BuildFacts = {
    formats: ['raw', 'qcow2'],
    place: undefined,
    log: () =>
      Promise.resolve([
        'diskimage-builder version 3.13.0',
        'Expanded element dependencies to: vm ours pulled-in base',
      ]),
  };

  it('has what went in, as it was when the build began', async () => {
    const recording = await begin();
    await made();
    await writeFile(join(root, 'elements/ours/note'), 'changed meanwhile');
    await recording.finish(FACTS, never);
    const late = await readInputs(root, KEY, await key().get());
    assert.deepEqual(Object.keys(late?.inputs.folders ?? {}), ['ours', 'pulled-in']);
    assert.deepEqual(late?.used, ['base', 'ours', 'pulled-in', 'vm']);
    assert.equal(late.inputs.place, 'image before');
    const next = await begin();
    await next.finish({ ...FACTS, place: 'image pulled' }, never);
    const now = await readInputs(root, KEY, await key().get());
    assert.notEqual(now?.inputs.folders.ours, late.inputs.folders.ours);
    assert.equal(now?.inputs.folders['pulled-in'], late.inputs.folders['pulled-in']);
    assert.equal(now?.inputs.place, 'image pulled', 'the runner knows better');
    assert.deepEqual(lines, []);
  });

  it('has checksums, counted where diskimage-builder has left none', async () => {
    const recording = await begin();
    await made();
    await recording.finish(FACTS, never);
    const sha256 = createHash('sha256').update('data').digest('hex');
    assert.deepEqual(await read('checksums.json'), [
      { name: `${NAME}.qcow2`, bytes: 4, md5: MD5, sha256: SHA256 },
      { name: `${NAME}.raw`, bytes: 4, sha256 },
    ]);
  });

  it('has a bill of materials of manifests and files', async () => {
    const recording = await begin();
    await made();
    await recording.finish(FACTS, never);
    const { components, metadata } = (await read('sbom.cdx.json')) as {
      components: { name: string }[];
      metadata: { tools: unknown; component: { properties: { value: string }[] } };
    };
    const names = [`${NAME}.qcow2`, `${NAME}.raw`, 'bash', 'zuul'];
    assert.deepEqual(
      components.map(({ name }) => name),
      names,
    );
    const { digest } = await read('inputs.json');
    assert.equal(metadata.component.properties[1]?.value, digest);
    assert.match(JSON.stringify(metadata.tools), /nodepool-builder.*1\.2.*3\.13\.0/);
  });

  it('has no secrets, neither in files nor in the log', async () => {
    const recording = await begin();
    await made();
    await writeFile(join(root, `${NAME}.d/dib-manifest-dpkg-x`), 'hunter2');
    await recording.finish(FACTS, never);
    for (const name of ['inputs.json', 'checksums.json', 'sbom.cdx.json'])
      assert.doesNotMatch(await readFile(beside(name), 'utf8'), /hunter2/, name);
    assert.equal(lines.length, 1, 'a manifest that cannot be read');
    assert.match(lines[0] ?? '', /manifest of a build cannot be read/);
  });

  it('has what can be had, where something cannot', async () => {
    place = () => Promise.reject(new Error('no daemon'));
    const recording = await begin();
    await made();
    const log = () => Promise.reject(new Error('no log'));
    await recording.finish({ ...FACTS, log }, never);
    assert.equal(await readInputs(root, KEY, await key().get()), undefined);
    const { metadata } = (await read('sbom.cdx.json')) as {
      metadata: { component: { properties: unknown[] } };
    };
    assert.equal(metadata.component.properties.length, 1, 'no digest of inputs');
    assert.equal(lines.filter((line) => line.includes('not recorded')).length, 2);
  });

  it('cannot make a build fail', async () => {
    await writeFile(join(root, `${NAME}.d`), 'in the way');
    const recording = await begin();
    await recording.finish(FACTS, never);
    assert.ok(lines.every((line) => line.startsWith('WARNING something of a build is not rec')));
    assert.ok(lines.length >= 3);
  });

  it('does not follow links that a build has laid', async () => {
    const recording = await begin();
    await made();
    await writeFile(join(root, 'precious'), 'precious');
    for (const name of ['inputs.json', 'inputs.json.new'])
      await symlink(join(root, 'precious'), beside(name));
    await symlink('/etc/passwd', beside('dib-manifest-rpm-x'));
    await recording.finish(FACTS, never);
    assert.equal(await readFile(join(root, 'precious'), 'utf8'), 'precious');
    assert.ok(await readInputs(root, KEY, await key().get()));
    assert.doesNotMatch(await readFile(beside('sbom.cdx.json'), 'utf8'), /root/);
  });

  it('is not compared where it is of another key, or not to be read', async () => {
    const recording = await begin();
    await recording.finish(FACTS, never);
    assert.ok(await readInputs(root, KEY, await key().get()));
    assert.equal(await readInputs(root, KEY, Buffer.alloc(32, 7)), undefined);
    await writeFile(beside('inputs.json'), '{"version": 2}');
    assert.equal(await readInputs(root, KEY, await key().get()), undefined);
    assert.equal(await readInputs(root, { ...KEY, image: 'other' }, Buffer.alloc(32)), undefined);
  });

  it('lies in folders of ours, into which a build of another user can write meanwhile', async () => {
    const modes = async (...names: string[]): Promise<number[]> =>
      Promise.all(names.map(async (name) => (await stat(beside(name))).mode & 0o7777));
    const first = await begin();
    assert.deepEqual(await modes('', 'dib-manifests'), [0o1777, 0o1777]);
    await first.finish(FACTS, never);
    assert.deepEqual(await modes(''), [0o755]);
    assert.ok(!(await readdir(beside(''))).includes('dib-manifests'), 'nothing is in it');
    const second = await begin();
    await made();
    await second.finish(FACTS, never);
    assert.deepEqual(await modes('', 'dib-manifests'), [0o755, 0o755]);
  });

  it('goes with a build that fails', async () => {
    const recording = await begin();
    assert.deepEqual(await readdir(beside('')), ['dib-manifests']);
    await recording.drop();
    assert.deepEqual((await readdir(root)).toSorted(), ['.inputs.key', 'elements']);
  });

  it('is no format, stays when formats go, and goes with the build', async () => {
    const recording = await begin();
    await made();
    await recording.finish(FACTS, never);
    const [local, ...others] = localBuilds(await readdir(root));
    assert.ok(local);
    assert.deepEqual([local.formats, others], [['qcow2', 'raw'], []]);
    const uploads = [upload('one', '0000000001', 'ready', 1)];
    const ready = build(BUILD, 'ready', 1, { formats: 'qcow2,raw', uploads });
    const input = { local, wishes: [{ provider: 'one', format: 'qcow2' }] };
    const pruning = { keepFormats: [] };
    const pruned = filesToDelete({ ...input, build: ready, pruning });
    assert.ok(pruned.length === 4 && !pruned.includes(`${NAME}.d`));
    await new ImageFolder(root).delete(
      filesToDelete({ ...input, build: undefined, pruning: undefined }),
    );
    assert.deepEqual((await readdir(root)).toSorted(), ['.inputs.key', 'elements']);
  });
});
