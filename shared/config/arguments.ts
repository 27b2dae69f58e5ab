/**
 * Command lines by the rules of Python's argparse, which scripts of operators rely on: long options
 * may be abbreviated, `-cFILE` and `--config=FILE` mean `-c FILE`, the last of an option wins.
 *
 * Does not know what options mean.
 */
export interface OptionNames {
  /** Short options that take a value: `c`. */
  readonly shortWithValue: readonly string[];
  /** All long options, without dashes. */
  readonly long: readonly string[];
}

/** Thrown for an abbreviation that fits several options. */
export class AmbiguousOptionError extends Error {}

/** The same words in the form that parsers of ours understand. What follows `--` stays as it is. */
export function fromArgparse(words: readonly string[], names: OptionNames): string[] {
  const end = words.indexOf('--');
  const options = end < 0 ? words : words.slice(0, end);
  return [
    ...options.flatMap((word) => {
      if (word.startsWith('--')) return [completed(word, names.long)];
      const [dash, letter, ...rest] = word;
      const isJoined = dash === '-' && letter !== undefined && rest.length > 0;
      if (!isJoined || !names.shortWithValue.includes(letter)) return [word];
      return [`-${letter}`, rest.join('').replace(/^=/, '')];
    }),
    ...(end < 0 ? [] : words.slice(end)),
  ];
}

function completed(word: string, long: readonly string[]): string {
  const [name = '', ...value] = word.slice(2).split('=');
  if (name === '' || long.includes(name)) return word;
  const fitting = long.filter((one) => one.startsWith(name));
  if (fitting.length > 1)
    throw new AmbiguousOptionError(
      `ambiguous option: --${name} could be ${fitting.map((one) => `--${one}`).join(', ')}`,
    );
  const [only] = fitting;
  return only === undefined ? word : [`--${only}`, ...value].join('=');
}

/** What yargs must not do with words, because argparse does not. */
export const yargsLikeArgparse = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'duplicate-arguments-array': false,
  'parse-numbers': false,
  'parse-positional-numbers': false,
} as const;
