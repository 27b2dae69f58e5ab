/** What a shell is told at Tab: a candidate a line, for those that show it with what it is. */
import type { Command, Context } from '../command.ts';
import { FILES, type Shell } from './scripts.ts';
import { valuesOf } from './values.ts';
import { wantedOf, type Candidate } from './wanted.ts';

export async function complete(
  shell: Shell,
  words: readonly string[],
  commands: readonly Command[],
  context: Context,
): Promise<string[]> {
  const { typed, candidates, kinds } = wantedOf(
    shell === 'bash' ? rejoined(words) : words,
    commands,
  );
  if (kinds.includes('file')) return [FILES];
  const values = await valuesOf(kinds, { ...context, ...filesOf(words, context) });
  const all = [...candidates, ...values.map((value): Candidate => ({ value, about: '' }))];
  // Where an option and its value are one word, bash wants only the value.
  const last = words.at(-1) ?? '';
  const before =
    shell === 'bash' || last === typed ? '' : last.slice(0, last.length - typed.length);
  return all
    .filter(({ value }) => value.startsWith(typed))
    .map(({ value, about }) => lineOf(shell, `${before}${value}`, about));
}

function lineOf(shell: Shell, value: string, about: string): string {
  return shell === 'bash' || about === '' ? value : `${value}\t${about}`;
}

/** Bash takes words apart at `=`. */
function rejoined(words: readonly string[]): string[] {
  const joined: string[] = [];
  for (const [at, word] of words.entries()) {
    const isRest = word === '=' || (words[at - 1] === '=' && at > 1);
    const last = joined.at(-1);
    if (isRest && last?.startsWith('--') === true) joined[joined.length - 1] = last + word;
    else joined.push(word);
  }
  return joined;
}

/** The files that the command line names, else the usual ones. */
function filesOf(
  words: readonly string[],
  context: Context,
): Pick<Context, 'configPath' | 'securePath'> {
  const valueAfter = (option: string): string | undefined => {
    const at = words.slice(0, -1).lastIndexOf(option);
    return at < 0 ? undefined : words[at + 1];
  };
  return {
    configPath: valueAfter('-c') ?? context.configPath,
    securePath: valueAfter('-s') ?? context.securePath,
  };
}
