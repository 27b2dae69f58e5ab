import assert from 'node:assert/strict';

import { AmbiguousOptionError, fromArgparse } from '../../../shared/config/arguments.ts';

const names = { shortWithValue: ['c'], long: ['debug', 'detail', 'help'] };

describe('fromArgparse', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['--det', '--detail'],
    ['--debug', '--debug'],
    ['--h=1', '--help=1'],
    ['-cfile', '-c file'],
    ['-c=file', '-c file'],
    ['-df', '-df'],
    ['--none', '--none'],
    ['word --det', 'word --detail'],
    ['-- --det -cx', '-- --det -cx'],
    ['-', '-'],
  ];
  for (const [given, meant] of cases)
    it(`takes ${given} for ${meant}`, () => {
      assert.equal(fromArgparse(given.split(' '), names).join(' '), meant);
    });

  it('refuses what could be several options', () => {
    assert.throws(() => fromArgparse(['--de'], names), AmbiguousOptionError);
  });
});
