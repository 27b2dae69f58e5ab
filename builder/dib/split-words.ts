/**
 * A command line to words as a POSIX shell splits it: quotes and backslashes, no variables, no
 * operators. As Python's `shlex.split`, by which the original reads `dib-cmd`. Pure.
 */
import { ConfigError } from '../../shared/base/errors.ts';

/** @throws ConfigError NP_CONFIG_INVALID where a quotation or an escape does not end. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let index = 0; index < line.length; index++) {
    const char = line.charAt(index);
    if (char === quote) {
      quote = undefined;
    } else if (char === '\\' && quote !== "'") {
      const next = line.charAt(++index);
      if (next === '') throw unended(line, 'an escape');
      // Within double quotes only what is special there is escaped.
      word = (word ?? '') + (quote === '"' && !['"', '\\'].includes(next) ? `\\${next}` : next);
    } else if (quote === undefined && (char === '"' || char === "'")) {
      quote = char;
      word ??= '';
    } else if (quote === undefined && /\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + char;
    }
  }
  if (quote !== undefined) throw unended(line, 'a quotation');
  return word === undefined ? words : [...words, word];
}

function unended(line: string, what: string): ConfigError {
  return new ConfigError('NP_CONFIG_INVALID', `${what} does not end in: ${line}`);
}
