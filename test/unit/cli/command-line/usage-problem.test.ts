import assert from 'node:assert/strict';
import { run } from '../run-in-process.ts';

describe('a wrong command line of nodepool', () => {
  for (const [args, problem, more] of [
    [['lost'], 'there is no command lost; did you mean list?', ''],
    [['-c', 'file', 'nonsense', '--x'], 'there is no command nonsense', ''],
    [['hold'], 'hold needs <id>', 'hold'],
    [['--debug', 'erase', '--force'], 'erase needs <provider>', 'erase'],
    [['list', '--frob'], 'Unknown argument: frob', 'list'],
    [['hold', '1', '2'], 'Unknown argument: 2', 'hold'],
    [['-c'], 'Not enough arguments following: c', ''],
    [
      ['image-delete', '--image', 'i'],
      'Missing required arguments: provider, upload-id, build-id',
      'image-delete',
    ],
  ] as const)
    it(`is told: ${args.join(' ')}`, async () => {
      const about =
        more === '' ? '--help shows commands and options' : `${more} --help shows its options`;
      assert.deepEqual(await run(...args), {
        code: 2,
        out: '',
        err: `nodepool: error: ${problem}\nnodepool ${about}`,
      });
    });
});
