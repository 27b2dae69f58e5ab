import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ManualClock } from '../../../../fixtures/clock.ts';
import { findElements } from '../../../../builder/inputs/elements.ts';
import { InputsKey } from '../../../../builder/inputs/key.ts';
import { Round, Surveyor, type Survey } from '../../../../builder/inputs/survey.ts';

const never = new AbortController().signal;
const IMAGE = { dibCmd: 'dib', elements: ['vm', 'ours'], release: 'x', envVars: {} };

describe('what would go into a build', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'survey-'));
    await element('first', 'ours', 'helper\n\n  vm  \n');
    await element('first', 'helper');
    await element('first', 'unused');
    await element('second', 'helper');
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  async function element(folder: string, name: string, needs = ''): Promise<void> {
    await mkdir(join(root, folder, name), { recursive: true });
    await writeFile(join(root, folder, name, 'element-deps'), needs);
    await writeFile(join(root, folder, name, 'note'), `${folder}/${name}`);
  }

  interface Question {
    readonly envVars?: Readonly<Record<string, string>>;
    readonly elementsDir?: string | undefined;
    readonly extra?: readonly string[] | 'all';
  }

  function survey(question: Question = {}): Promise<Survey> {
    const { envVars = {}, extra = [], elementsDir = join(root, 'first') } = question;
    const surveyor = new Surveyor({ clock: new ManualClock(), key: new InputsKey(root) });
    const image = { ...IMAGE, envVars };
    return surveyor.survey({ image, elementsDir, extra, round: new Round() }, never);
  }

  it('are the elements that are here and used', async () => {
    const { inputs, folders } = await survey();
    assert.deepEqual(Object.keys(inputs.folders), ['helper', 'ours']);
    assert.deepEqual(
      [...folders.keys()].toSorted(),
      ['helper', 'ours'],
      'others are not looked at',
    );
    assert.deepEqual([inputs.elements, inputs.release], [['vm', 'ours'], 'x']);
  });

  it('are, where a build has told so, elements that are named nowhere here', async () => {
    const { inputs } = await survey({ extra: ['unused', 'not-here'] });
    assert.deepEqual(Object.keys(inputs.folders), ['helper', 'ours', 'unused']);
  });

  it('are before a build all elements that may turn out to be used', async () => {
    const { inputs, folders } = await survey({ extra: 'all' });
    assert.deepEqual([...folders.keys()].toSorted(), ['helper', 'ours', 'unused']);
    assert.deepEqual(Object.keys(inputs.folders), ['helper', 'ours']);
  });

  it('is nothing of elements that cannot be told and are not used', async () => {
    await truncate(join(root, 'first/unused/note'), 3 * 2 ** 30);
    const { folders } = await survey({ extra: 'all' });
    assert.deepEqual([...folders.keys()].toSorted(), ['helper', 'ours']);
    await truncate(join(root, 'first/ours/note'), 3 * 2 ** 30);
    await assert.rejects(survey({ extra: 'all' }), /first\/ours has more than/);
  });

  it('is looked for in ELEMENTS_PATH of the image, the first folder of which wins', async () => {
    const both = `${join(root, 'second')}:${join(root, 'first')}:/nowhere`;
    const [one, two] = [await survey(), await survey({ envVars: { ELEMENTS_PATH: both } })];
    assert.equal(two.inputs.folders.ours, one.inputs.folders.ours);
    assert.notEqual(two.inputs.folders.helper, one.inputs.folders.helper);
    assert.deepEqual((await survey({ envVars: { ELEMENTS_PATH: '/nowhere' } })).inputs.folders, {});
  });

  it('goes by the names of folders that links lead to', async () => {
    await mkdir(join(root, 'links'));
    await symlink(join(root, 'first/ours'), join(root, 'links/other-name'));
    await symlink('/nowhere', join(root, 'links/broken'));
    await writeFile(join(root, 'links/file'), '');
    const found = await findElements(join(root, 'links'));
    assert.deepEqual([...found.keys()], ['ours']);
    assert.deepEqual(found.get('ours')?.needs, ['helper', 'vm']);
  });

  it('shows no values of variables, and nobody can try what they may be', async () => {
    const envVars = { PASSWORD: 'hunter2', OTHER: 'hunter2' };
    const { inputs } = await survey({ envVars });
    assert.doesNotMatch(JSON.stringify(inputs), /hunter2|"dib"/);
    assert.deepEqual(Object.keys(inputs.variables), ['PASSWORD', 'OTHER']);
    assert.deepEqual((await survey({ envVars })).inputs, inputs, 'the key stays');
    const path = join(root, '.inputs.key');
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.match(await readFile(path, 'utf8'), /^[0-9a-f]{64}$/);
    await rm(path);
    assert.notDeepEqual((await survey({ envVars })).inputs.variables, inputs.variables);
  });

  it('is looked at once in a round', async () => {
    const surveyor = new Surveyor({ clock: new ManualClock(), key: new InputsKey(root) });
    const round = new Round();
    const question = { image: IMAGE, elementsDir: join(root, 'first'), extra: [], round };
    const first = await surveyor.survey(question, never);
    await writeFile(join(root, 'first/ours/note'), 'changed');
    await writeFile(join(root, 'first/ours/element-deps'), '');
    assert.deepEqual((await surveyor.survey(question, never)).inputs, first.inputs);
    const next = await surveyor.survey({ ...question, round: new Round() }, never);
    assert.deepEqual(Object.keys(next.inputs.folders), ['ours']);
  });
});
