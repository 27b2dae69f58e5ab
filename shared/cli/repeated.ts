/**
 * Options that may be given several times. Our parser keeps the last one, as scripts expect of all
 * others; so these are brought into one word each, a value a line.
 */
const SEPARATOR = '\n';

export function joinRepeated(words: readonly string[], name: string): string[] {
  const option = `--${name}`;
  const end = words.indexOf('--');
  const last = end < 0 ? words.length : end;
  const values: string[] = [];
  const rest: string[] = [];
  for (let at = 0; at < last; at++) {
    const word = words[at] ?? '';
    const value = words[at + 1];
    if (word.startsWith(`${option}=`)) values.push(word.slice(option.length + 1));
    else if (word === option && value !== undefined && at + 1 < last) {
      values.push(value);
      at++;
    } else rest.push(word);
  }
  const joined = values.length === 0 ? [] : [option, values.join(SEPARATOR)];
  return [...rest, ...joined, ...words.slice(last)];
}

export function splitRepeated(value: string): string[] {
  return value.split(SEPARATOR);
}
