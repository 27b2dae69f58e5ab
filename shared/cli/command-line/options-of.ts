/**
 * What a command's options are, told by the command itself: it is given a parser that only listens. So
 * abbreviations and completion know each option without a list that would have to be kept beside it.
 */
import type { Argv, Options, PositionalOptions } from 'yargs';

import type { Command } from '../command.ts';

/** One option, or one argument that has a place. */
export interface OptionFacts {
  /** Without dashes; one letter: a short option. */
  readonly names: readonly string[];
  readonly about: string;
  readonly takesValue: boolean;
  /** The only values; empty: any. */
  readonly choices: readonly string[];
}

export interface CommandFacts {
  readonly options: readonly OptionFacts[];
  /** In the order of the command line. */
  readonly positionals: readonly OptionFacts[];
}

/** Which options `describe` adds to a parser. */
export function factsOf(describe: Command['options']): CommandFacts {
  const options: OptionFacts[] = [];
  const positionals: OptionFacts[] = [];
  const hear: Readonly<Record<string, (key: unknown, facts: unknown) => void>> = {
    option: (key, facts) => options.push(...heard(key, facts)),
    options: (key, facts) => options.push(...heard(key, facts)),
    positional: (key, facts) => positionals.push(...heard(key, facts)),
  };
  const listener: Argv = new Proxy({} as Argv, {
    get: (_target, method) => (key: unknown, facts: unknown) => {
      hear[String(method)]?.(key, facts);
      return listener;
    },
  });
  describe?.(listener);
  return { options, positionals };
}

/** All long names of the options. */
export function longNames({ options }: CommandFacts): string[] {
  return options.flatMap(({ names }) => names).filter((name) => name.length > 1);
}

/** All short options that take a value. */
export function shortNamesWithValue({ options }: CommandFacts): string[] {
  const taking = options.filter(({ takesValue }) => takesValue);
  return taking.flatMap(({ names }) => names).filter((name) => name.length === 1);
}

/** As yargs takes them: a name and what it means, or an object of many. */
function heard(key: unknown, facts: unknown): OptionFacts[] {
  const all = typeof key === 'string' ? [[key, facts] as const] : Object.entries(key ?? {});
  return all.map(([name, one]) => factsOfOne(name, (one ?? {}) as Options & PositionalOptions));
}

function factsOfOne(name: string, given: Options & PositionalOptions): OptionFacts {
  const aliases = given.alias === undefined ? [] : [given.alias].flat();
  return {
    names: [name, ...aliases],
    about: given.describe ?? '',
    takesValue: given.boolean !== true && given.type !== 'boolean' && given.count !== true,
    choices: (given.choices ?? []).map(String),
  };
}
