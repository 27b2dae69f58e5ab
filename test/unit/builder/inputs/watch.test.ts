import assert from 'node:assert/strict';

import { ManualClock } from '../../../../fixtures/clock.ts';
import type { Inputs } from '../../../../builder/inputs/inputs.ts';
import type { SurveyQuestion } from '../../../../builder/inputs/survey.ts';
import { InputsWatch } from '../../../../builder/inputs/watch.ts';
import { parseConfig } from '../../../../shared/config/parse.ts';
import { collectingLogger } from '../../../support/launcher-in-process.ts';

const INPUTS: Omit<Inputs, 'place'> = {
  ...{ command: 'c', elements: ['vm'], release: 'old', variables: {}, folders: {} },
};
const OURS = { builder: 'host.example', builder_id: 'id' };
const LOOK_MS = 10_000;

describe('a change of what goes into an image', () => {
  let clock: ManualClock;
  let lines: string[];
  let images: readonly string[];
  let isWanted: boolean;
  let isPaused: boolean;
  let build: { id: string; builder?: string; builder_id?: string } | undefined;
  let hasRecord: boolean;
  let release: string;
  let place: string | undefined;
  let surveys: string[];
  let broken: string | undefined;
  let asked: number;
  let changes: number;
  let watch: InputsWatch;
  let builtAt: number;
  beforeEach(() => {
    clock = new ManualClock();
    [lines, images, surveys] = [[], ['debian'], []];
    [isWanted, isPaused] = [true, false];
    [build, hasRecord, release, place] = [{ id: 'one', ...OURS }, true, 'old', 'here'];
    [broken, asked, changes] = [undefined, 0, 0];
    builtAt = clock.now() / 1000;
    watch = new InputsWatch({
      ...{ clock, log: collectingLogger(lines), config, host: OURS.builder },
      builderId: OURS.builder_id,
      surveyor: { survey, endRound: () => undefined },
      recorded: () =>
        Promise.resolve(
          hasRecord ? { inputs: { ...INPUTS, place: 'here' }, used: ['base'] } : undefined,
        ),
      newest: () => build && { id: build.id, record: { ...build, state_time: builtAt } },
      place: () => {
        asked++;
        return Promise.resolve(place);
      },
      onChange: () => changes++,
    });
  });
  afterEach(() => watch.stop());

  function config() {
    const file = {
      'zookeeper-servers': [{ host: 'unused' }],
      diskimages: images.map((name) => ({ name, elements: [name], release, pause: isPaused })),
      extensions: { builder: { 'rebuild-on-change': isWanted } },
      ...{ labels: [], providers: [] },
    };
    return parseConfig({ path: 'x', environment: {}, texts: [JSON.stringify(file)] }).config;
  }

  function survey({ image }: SurveyQuestion) {
    const [name = ''] = image.elements;
    surveys.push(name);
    if (name === broken) return Promise.reject(new Error('cannot be read'));
    const inputs = { ...INPUTS, release: image.release };
    return Promise.resolve({ inputs, folders: new Map<string, string>() });
  }

  const look = async (times = 1): Promise<void> => {
    for (let n = 0; n < times; n++) await clock.advance(LOOK_MS);
  };
  const begin = async (): Promise<void> => {
    watch.changed();
    await clock.advance(0);
  };
  const outdated = (name = 'debian') => watch.outdated(name);

  it('makes its newest build outdated when it has been seen twice', async () => {
    await begin();
    await look(3);
    assert.deepEqual([outdated(), changes], [undefined, 0]);
    release = 'new';
    await look();
    assert.equal(outdated(), undefined);
    await look();
    assert.deepEqual([outdated(), changes], ['one', 1]);
    const told = lines.filter((line) => line.includes('has changed'));
    await look(3);
    assert.equal(changes, 1);
    assert.match(told.join(), /"changes":"release"/);
    assert.equal(lines.filter((line) => line.includes('has changed')).length, 1);
  });

  it('counts only when it has come to rest, and not if it is taken back', async () => {
    await begin();
    for (const now of ['a', 'b', 'c']) {
      release = now;
      await look();
      assert.equal(outdated(), undefined);
    }
    release = 'old';
    await look(2);
    assert.equal(outdated(), undefined);
    release = 'new';
    await look(2);
    assert.equal(outdated(), 'one');
    release = 'old';
    await look();
    assert.deepEqual([outdated(), changes], [undefined, 2]);
  });

  it('of what it runs in counts, too; nothing counts where that is not known', async () => {
    await begin();
    place = 'elsewhere';
    await look(2);
    assert.equal(outdated(), 'one');
    place = undefined;
    await look(2);
    assert.equal(outdated(), undefined);
  });

  const FOREIGN: Readonly<Record<string, () => void>> = {
    'of another host': () => (build = { id: 'one', ...OURS, builder: 'other.example' }),
    'of another builder': () => (build = { id: 'one', ...OURS, builder_id: 'other' }),
    'of a Python builder': () => (hasRecord = false),
    'that is not there': () => (build = undefined),
  };
  for (const [whose, arrange] of Object.entries(FOREIGN))
    it(`does nothing to a build ${whose}`, async () => {
      arrange();
      release = 'new';
      await begin();
      await look(3);
      assert.deepEqual([outdated(), changes, surveys.length], [undefined, 0, 0]);
    });

  it('does nothing where the configuration does not want it, or the image is paused', async () => {
    await begin();
    release = 'new';
    await look(2);
    assert.equal(outdated(), 'one');
    isWanted = false;
    assert.equal(outdated(), undefined);
    surveys = [];
    await look(2);
    assert.deepEqual(surveys, []);
    [isWanted, isPaused] = [true, true];
    await look(2);
    assert.deepEqual([outdated(), surveys], [undefined, []]);
  });

  it('is looked for once in each interval, whatever happens meanwhile', async () => {
    images = ['debian', 'ubuntu'];
    await begin();
    assert.deepEqual([surveys.length, asked], [2, 1], 'one command, one place');
    await clock.advance(LOOK_MS - 1);
    assert.equal(surveys.length, 2);
    await clock.advance(1);
    assert.equal(surveys.length, 4);
  });

  it('is found in other images while one cannot be looked at, which is told once', async () => {
    images = ['bad', 'debian'];
    broken = 'bad';
    await begin();
    release = 'new';
    await look(4);
    assert.deepEqual([outdated('bad'), outdated('debian')], [undefined, 'one']);
    assert.equal(lines.filter((line) => line.includes('cannot be told')).length, 1);
    broken = undefined;
    await look(2);
    assert.equal(outdated('bad'), 'one');
  });

  it('that comes again with each build is followed at once only the first time', async () => {
    release = 'new';
    await begin();
    await look();
    assert.equal(outdated(), 'one');
    const rebuild = async (id: string): Promise<void> => {
      build = { id, ...OURS };
      builtAt = clock.now() / 1000;
      await look(2);
    };
    await rebuild('two');
    assert.equal(outdated(), undefined);
    assert.ok(lines.some((line) => line.includes('changes with each build')));
    await clock.advance(580_000);
    assert.equal(outdated(), 'two');
    await rebuild('three');
    await clock.advance(1_170_000);
    assert.equal(outdated(), undefined, 'twice as long');
    await clock.advance(20_000);
    assert.equal(outdated(), 'three');
    release = 'old';
    await rebuild('four');
    release = 'new';
    await look(2);
    assert.equal(outdated(), 'four', 'one without a change forgives');
  });
});
