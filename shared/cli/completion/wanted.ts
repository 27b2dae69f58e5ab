/**
 * What may follow on a command line that is being typed, from the commands' own words. Pure: of values
 * that only a configuration or ZooKeeper knows it says which kind is wanted.
 */
import type { Command } from '../command.ts';
import { factsOf, type OptionFacts } from '../command-line/options-of.ts';
import { globalNames, OPTIONAL_VALUE } from '../command-line/words.ts';

export interface Candidate {
  readonly value: string;
  readonly about: string;
}

export const valueKinds = [
  ...['image', 'provider', 'label', 'node', 'request', 'build', 'launcher', 'file'],
] as const;
export type ValueKind = (typeof valueKinds)[number];

export interface Wanted {
  /** What was typed of it. */
  readonly typed: string;
  readonly candidates: readonly Candidate[];
  /** Also values of these kinds. */
  readonly kinds: readonly ValueKind[];
}

const GLOBALS: readonly OptionFacts[] = [
  option(['c'], 'path to the config file', true),
  option(['s'], 'path to the secure file', true),
  option(['l'], 'path to the log config file', true),
  option(['debug'], 'show all details', false),
  option(['version'], 'show the version', false),
  option(['help', 'h'], 'show help', false),
];
const FILE_OPTIONS: ReadonlySet<string> = new Set(globalNames.shortWithValue);

/** By the name of an option or an argument; `COMMAND NAME` where commands mean different things. */
const KINDS: Readonly<Record<string, readonly ValueKind[]>> = {
  image: ['image'],
  provider: ['provider'],
  label: ['label'],
  request: ['request'],
  path: ['file'],
  file: ['file'],
  'build-id': ['build'],
  'hold id': ['node'],
  'delete id': ['node'],
  'dib-image-delete id': ['build'],
  'dib-image-log image': ['image', 'build'],
  'drain name': ['provider', 'launcher'],
};

/** `words`: all after `nodepool` up to the cursor; the last one is being typed and may be empty. */
export function wantedOf(words: readonly string[], commands: readonly Command[]): Wanted {
  const typed = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const { command, open, places, isLost } = read(before, commands);
  if (isLost) return only(typed, []);
  const facts = factsOf(command?.options);
  if (open !== undefined) return valueWanted(command, open, typed);
  const options = [...facts.options, ...GLOBALS];
  if (typed.startsWith('--') && typed.includes('=')) return joinedWanted(command, options, typed);
  if (typed.startsWith('-')) return only(typed, options.flatMap(optionCandidates));
  if (command === undefined)
    return only(
      typed,
      commands.map(({ name, describe }) => ({ value: name, about: describe })),
    );
  const place = facts.positionals[places];
  return place === undefined ? only(typed, []) : valueWanted(command, place, typed);
}

interface Read {
  readonly command: Command | undefined;
  /** The option whose value comes next. */
  readonly open: OptionFacts | undefined;
  /** There is no command of the name that is there. */
  readonly isLost: boolean;
  /** Arguments that are there already. */
  readonly places: number;
}

function read(words: readonly string[], commands: readonly Command[]): Read {
  let command: Command | undefined;
  let open: OptionFacts | undefined;
  let options = GLOBALS;
  let places = 0;
  for (const word of words) {
    if (open !== undefined) open = undefined;
    else if (word.startsWith('-'))
      open = options.find((one) => needsValue(one) && namedBy(one, word));
    else if (command !== undefined) places++;
    else {
      command = commands.find(({ name }) => name === word);
      if (command === undefined) return { command, open, places, isLost: true };
      options = [...factsOf(command.options).options, ...GLOBALS];
    }
  }
  return { command, open, places, isLost: false };
}

function needsValue({ takesValue, names }: OptionFacts): boolean {
  return takesValue && !names.includes(OPTIONAL_VALUE);
}

/** Whether the word is the option itself, without a value. */
function namedBy({ names }: OptionFacts, word: string): boolean {
  return names.some((name) => word === dashed(name));
}

function valueWanted(command: Command | undefined, facts: OptionFacts, typed: string): Wanted {
  const candidates = facts.choices.map((value) => ({ value, about: '' }));
  const kinds = facts.names.flatMap((name) =>
    FILE_OPTIONS.has(name) ? ['file' as const] : kindsOf(command, name),
  );
  return { ...only(typed, candidates), kinds };
}

function kindsOf(command: Command | undefined, name: string): readonly ValueKind[] {
  return KINDS[`${command?.name ?? ''} ${name}`] ?? KINDS[name] ?? [];
}

/** `--provider=clo`. */
function joinedWanted(
  command: Command | undefined,
  options: readonly OptionFacts[],
  typed: string,
): Wanted {
  const at = typed.indexOf('=');
  const found = options.find((one) => namedBy(one, typed.slice(0, at)));
  const wanted = found && valueWanted(command, found, typed.slice(at + 1));
  return wanted ?? only(typed, []);
}

function only(typed: string, candidates: readonly Candidate[]): Wanted {
  return { typed, candidates, kinds: [] };
}

function optionCandidates({ names, about }: OptionFacts): Candidate[] {
  return names.map((name) => ({ value: dashed(name), about }));
}

function dashed(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`;
}

function option(names: readonly string[], about: string, takesValue: boolean): OptionFacts {
  return { names, about, takesValue, choices: [] };
}
