/**
 * The words of a command line as our parser understands them, by the rules of argparse: options before
 * the command are `nodepool`'s, those after it the command's. Ours may stand after it, too.
 */
import { fromArgparse } from '../../config/arguments.ts';
import type { Command } from '../command.ts';
import { joinRepeated } from '../repeated.ts';
import { factsOf, longNames, shortNamesWithValue } from './options-of.ts';

/** Options of `nodepool` itself. */
export const globalNames = {
  shortWithValue: ['c', 's', 'l'],
  long: ['help', 'version', 'debug'],
} as const;

/** May have a value that is a number, or none: another word after it is not its own. */
export const OPTIONAL_VALUE = 'watch';

/** @throws AmbiguousOptionError */
export function wordsOf(args: readonly string[], commands: readonly Command[]): string[] {
  const at = commandAt(args);
  const command = commands.find(({ name }) => name === args[at]);
  const facts = factsOf(command?.options);
  const own = {
    shortWithValue: [...globalNames.shortWithValue, ...shortNamesWithValue(facts)],
    long: ['help', ...longNames(facts)],
  };
  // What is the beginning of none of the command's options may be that of one of ours.
  const all = { shortWithValue: [], long: [...own.long, ...globalNames.long] };
  const words = [
    ...fromArgparse(args.slice(0, at), globalNames),
    ...fromArgparse(fromArgparse(args.slice(at), own), all),
  ];
  return joinRepeated(withoutValue(words), 'url');
}

/** Puts an end to options without their value. */
function withoutValue(words: readonly string[]): string[] {
  const end = words.indexOf('--');
  return words.map((word, at) => {
    const isOption = word === `--${OPTIONAL_VALUE}` && (end < 0 || at < end);
    return isOption && !/^\d/.test(words[at + 1] ?? '') ? `${word}=` : word;
  });
}

/** Where the command's name stands; past the end without one. */
export function commandAt(args: readonly string[]): number {
  const { shortWithValue } = globalNames;
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? '';
    if (!word.startsWith('-') || word === '-' || word === '--') return at;
    const takesNext = word.length === 2 && shortWithValue.some((letter) => word === `-${letter}`);
    if (takesNext) at++;
  }
  return args.length;
}
