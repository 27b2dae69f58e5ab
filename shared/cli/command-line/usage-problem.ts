/** What is wrong with a command line, in words that say what to type instead. Pure. */
import { suggest } from '../../config/suggestion.ts';
import type { Command } from '../command.ts';
import { commandAt } from './words.ts';

/** `message`: our parser's own. Two lines: the problem, and where to read more. */
export function usageProblem(
  message: string,
  args: readonly string[],
  commands: readonly Command[],
): string {
  const word = args[commandAt(args)];
  const command = commands.find(({ name }) => name === word);
  if (command !== undefined) {
    const needs = `${command.name} needs ${command.positional ?? 'more'}`;
    const isShort = message.startsWith('Not enough non-option arguments');
    return `${isShort ? needs : message}\nnodepool ${command.name} --help shows its options`;
  }
  const about = 'nodepool --help shows commands and options';
  if (word === undefined) return `${message}\n${about}`;
  const meant = suggest(
    word,
    commands.map(({ name }) => name),
  );
  const guess = meant === undefined ? '' : `; did you mean ${meant}?`;
  return `there is no command ${word}${guess}\n${about}`;
}
