import assert from 'node:assert/strict';

import {
  filesToDelete,
  localBuilds,
  type FileInput,
} from '../../../../builder/plan/local-files.ts';
import { logsToDelete } from '../../../../builder/plan/log-files.ts';
import { build, upload } from '../../rules/images/views.ts';

const ID = '0123456789abcdef0123456789abcdef';
const NAMES = [
  `debian-12-${ID}.qcow2`,
  `debian-12-${ID}.qcow2.md5`,
  `debian-12-${ID}.raw`,
  `debian-12-${ID}.raw.sha256`,
  `debian-12-${ID}.d`,
  `debian-12-${ID}.work`,
  `debian-12-${ID}.vhd-intermediate.bak`,
];

describe('files of builds', () => {
  it('are told by their names', () => {
    assert.deepEqual(
      localBuilds([...NAMES, 'backup-2024.raw', 'builder_id.txt', 'notes-abc.txt']),
      [{ image: 'debian-12', build: ID, formats: ['qcow2', 'raw'], names: NAMES.toSorted() }],
    );
    assert.deepEqual(
      localBuilds(['old-0000000042.vhd']).map((one) => [one.image, one.build, one.formats]),
      [['old', '0000000042', ['vhd']]],
    );
  });

  const [local] = localBuilds(NAMES);
  assert.ok(local);
  const input: FileInput = {
    local,
    build: build(ID, 'ready', 1, { formats: 'qcow2,raw' }),
    pruning: undefined,
    wishes: [{ provider: 'one', format: 'qcow2' }],
  };

  it('go with their build, and without one', () => {
    assert.deepEqual(filesToDelete(input), []);
    assert.deepEqual(filesToDelete({ ...input, build: undefined }), local.names);
    assert.deepEqual(filesToDelete({ ...input, build: build(ID, 'deleting', 1) }), local.names);
    for (const state of ['building', 'failed'] as const)
      assert.deepEqual(filesToDelete({ ...input, build: build(ID, state, 1) }), []);
  });

  it('go with delete-after-upload as soon as nobody waits for their format', () => {
    const raw = [`debian-12-${ID}.raw`, `debian-12-${ID}.raw.sha256`];
    const qcow2 = [`debian-12-${ID}.qcow2`, `debian-12-${ID}.qcow2.md5`];
    const pruning = { keepFormats: [] };
    assert.deepEqual(filesToDelete({ ...input, pruning }), raw);
    assert.deepEqual(filesToDelete({ ...input, pruning: { keepFormats: ['raw'] } }), []);
    const uploads = [upload('one', '0000000001', 'ready', 1)];
    const uploaded = build(ID, 'ready', 1, { formats: 'qcow2,raw', uploads });
    assert.deepEqual(filesToDelete({ ...input, build: uploaded, pruning }), [...qcow2, ...raw]);
  });
});

describe('logs of builds', () => {
  const log = (image: string, n: number) => ({
    name: `${image}-${ID.slice(0, 31)}${n}.log`,
    changedMs: n,
  });
  const files = [log('ubuntu', 1), log('ubuntu', 3), log('ubuntu', 2), log('ubuntu-noble', 0)];

  it('go beyond the newest few of the image', () => {
    assert.deepEqual(logsToDelete('ubuntu', files, 2), [log('ubuntu', 1).name]);
    assert.deepEqual(logsToDelete('ubuntu', files, 0), [
      log('ubuntu', 2).name,
      log('ubuntu', 1).name,
    ]);
    assert.deepEqual(logsToDelete('ubuntu', files, -1), []);
    assert.deepEqual(logsToDelete('ubuntu-noble', files, 1), []);
  });
});
