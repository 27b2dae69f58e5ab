/**
 * What goes into an image, as it is recorded and compared: told by digests, in one form for the same
 * things. Pure.
 *
 * Part of it is what diskimage-builder sees: its command, elements and their content, release,
 * environment, and the place where it runs. Not part: the image's name, formats (another format is a
 * reason of its own to build), and what only nodes and uploads have.
 */
import { createHash, createHmac } from 'node:crypto';

/** Keyed digests (`hidden`) are of what may hold secrets. */
export interface Inputs {
  /** `dib-cmd`, hidden. */
  readonly command: string;
  /** As named, in their order. */
  readonly elements: readonly string[];
  readonly release: string;
  /** `env-vars`: names with values, hidden. */
  readonly variables: Readonly<Record<string, string>>;
  /** Elements that are used and are here, with the digest of each. */
  readonly folders: Readonly<Record<string, string>>;
  /** What it runs in; see `DibRunner.place`. */
  readonly place: string;
}

/** A digest that tells nothing to who does not have the key. */
export function hidden(text: string, key: Buffer): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

/** One SHA-256 over all of it, in hexadecimal digits. */
export function digestOfInputs(inputs: Inputs): string {
  const { command, elements, release, variables, folders, place } = inputs;
  const parts = ['1', command, elements, release, sorted(variables), sorted(folders), place];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** What differs, in words for people; empty: nothing. */
export function changesOf(before: Inputs, now: Inputs): string[] {
  const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  return [
    ...(before.command === now.command ? [] : ['dib-cmd']),
    ...(isSame(before.elements, now.elements) ? [] : ['elements']),
    ...(before.release === now.release ? [] : ['release']),
    ...differing(before.variables, now.variables).map((name) => `env-vars: ${name}`),
    ...differing(before.folders, now.folders).map((name) => `element ${name}`),
    ...(before.place === now.place ? [] : ['what diskimage-builder runs in']),
  ];
}

type Table = Readonly<Record<string, string>>;

function sorted(table: Table): [string, string][] {
  return Object.entries(table).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function differing(before: Table, now: Table): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...names].filter((name) => before[name] !== now[name]).toSorted();
}
