/** What we keep beside a build, as Python Nodepool's cleaning sees it. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { run } from '../../fixtures/processes/run.ts';
import { systemClock as clock } from '../../shared/base/clock.ts';
import { silentLogger as log } from '../../shared/base/log.ts';
import { ImageFolder } from '../../builder/files/image-folder.ts';
import { InputsKey } from '../../builder/inputs/key.ts';
import { Recorder } from '../../builder/inputs/recorder.ts';
import { Surveyor } from '../../builder/inputs/survey.ts';
import { peersOrSkip } from '../support/peers.ts';

const BUILD = '0123456789ab4def8123456789abcdef';
const NAME = `debian-${BUILD}`;

/** The formats that it sees, what it would clean, and what is left when it has deleted the build. */
const CLEAN = `
import json, logging, os, re, sys
from nodepool.builder import CleanupWorker, DibImageFile
folder, image, build = sys.argv[1:]
files = DibImageFile.from_image_id(folder, image + '-' + build)
cleaned = [name for name in os.listdir(folder) if re.match(r'^(.*)-([a-f0-9]+)\\.\\w+$', name)]
CleanupWorker.deleteLocalBuild(folder, image, build, logging.getLogger())
print(json.dumps([[one.extension for one in files], sorted(cleaned), sorted(os.listdir(folder))]))
`;

describe('the record of a build, seen by Python', () => {
  let folder: string;
  let python: string;
  before(async function () {
    ({ nodepoolPython: python } = await peersOrSkip(this));
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'build-record-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is no format, and goes with the build; the key stays', async () => {
    const key = new InputsKey(folder);
    const surveyor = new Surveyor({ clock, key });
    const images = new ImageFolder(folder);
    const recorder = new Recorder({ clock, log, folder: images, surveyor, key, version: '1' });
    const image = { dibCmd: 'dib', elements: ['vm'], release: '', envVars: {} };
    const signal = new AbortController().signal;
    const about = { key: { image: 'debian', build: BUILD }, image, elementsDir: undefined };
    const place = (): Promise<string> => Promise.resolve('here');
    const recording = await recorder.begin({ ...about, place }, signal);
    await writeFile(join(folder, `${NAME}.qcow2`), 'data');
    await mkdir(join(folder, `${NAME}.d/dib-manifests`), { recursive: true });
    const words = (): Promise<string[]> => Promise.resolve([]);
    await recording.finish({ formats: ['qcow2'], place: undefined, log: words }, signal);
    assert.equal((await readdir(join(folder, `${NAME}.d`))).length, 3);

    const said = await run(python, ['-W', 'ignore', '-c', CLEAN, folder, 'debian', BUILD]);
    assert.deepEqual(JSON.parse(said.trim().split('\n').at(-1) ?? ''), [
      ['qcow2'],
      [`${NAME}.d`, `${NAME}.qcow2`],
      ['.inputs.key'],
    ]);
  });
});
