import assert from 'node:assert/strict';

import type { Command } from '../../../../shared/cli/command.ts';
import { factsOf } from '../../../../shared/cli/command-line/options-of.ts';
import { wordsOf } from '../../../../shared/cli/command-line/words.ts';
import { AmbiguousOptionError } from '../../../../shared/config/arguments.ts';

const run = (): Promise<number> => Promise.resolve(0);
const commands: readonly Command[] = [
  {
    ...{ name: 'show', describe: 'shows', run },
    options: (parser) =>
      parser
        .positional('place', { type: 'string' })
        .option('detail', { boolean: true })
        .option('node', { string: true, alias: 'n', choices: ['a', 'b'], describe: 'which one' }),
  },
  {
    ...{ name: 'drop', describe: 'drops', run },
    options: (parser) => parser.options({ demand: { boolean: true }, depth: { string: true } }),
  },
  { name: 'list', describe: 'lists', run },
];

describe('wordsOf', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['--de show', '--debug show'],
    ['show --de', 'show --detail'],
    ['show --deb', 'show --debug'],
    ['show --no=x', 'show --node=x'],
    ['show -nx', 'show -n x'],
    ['list -nx', 'list -nx'],
    ['show --dep x', 'show --dep x'],
    ['drop --dep x', 'drop --depth x'],
    ['list --he', 'list --help'],
    ['--he', '--help'],
    ['-c list --de show --de', '-c list --debug show --detail'],
    ['-clist -s=list show --de', '-c list -s list show --detail'],
    ['show -- --de', 'show -- --de'],
    ['show --url a --url b', 'show --url a\nb'],
    ['show --watch --de', 'show --watch= --detail'],
    ['show --watch 5 x', 'show --watch 5 x'],
    ['show --watch x', 'show --watch= x'],
    ['show --watch=x', 'show --watch=x'],
    ['show -- --watch', 'show -- --watch'],
    ['nonsense --de', 'nonsense --debug'],
  ];
  for (const [given, meant] of cases)
    it(`takes ${given} for ${meant.replace('\n', '|')}`, () => {
      assert.equal(wordsOf(given.split(' '), commands).join(' '), meant);
    });

  it('refuses what could be several options of the command', () => {
    assert.throws(() => wordsOf(['drop', '--de'], commands), AmbiguousOptionError);
  });
});

describe('factsOf', () => {
  it('hears what a command tells its parser', () => {
    const facts = (names: string[], takesValue: boolean, choices: string[] = [], about = '') => ({
      ...{ names, about, takesValue, choices },
    });
    assert.deepEqual(factsOf(commands[0]?.options), {
      options: [facts(['detail'], false), facts(['node', 'n'], true, ['a', 'b'], 'which one')],
      positionals: [facts(['place'], true)],
    });
    assert.deepEqual(factsOf(commands[1]?.options).options, [
      facts(['demand'], false),
      facts(['depth'], true),
    ]);
    assert.deepEqual(factsOf(undefined), { options: [], positionals: [] });
  });
});
