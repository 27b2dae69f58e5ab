/** The options that all listings share: `--json`, `--watch [SECONDS]`, `--color WHEN`. */
import type { Argv } from 'yargs';

import type { Context } from '../command.ts';
import type { Look } from './view.ts';

const COLOURS = ['always', 'auto', 'never'] as const;

export interface ListingWishes {
  readonly isJson: boolean;
  /** How often to look, in seconds; undefined: once. */
  readonly watch: number | 'usual' | undefined;
  readonly colour: (typeof COLOURS)[number];
}

export function listingOptions(parser: Argv): Argv {
  return parser
    .option('json', { boolean: true, default: false, describe: 'print JSON, as the web has it' })
    .option('watch', {
      string: true,
      coerce: toSeconds,
      describe: 'go on, and show it again when it changes, at most every so many seconds',
    })
    .option('color', {
      choices: COLOURS,
      default: 'auto',
      requiresArg: true,
      describe: 'colours for states; auto: on a terminal',
    });
}

export function wishesOf(args: Readonly<Record<string, unknown>>): ListingWishes {
  return {
    isJson: args.json === true,
    watch: args.watch as ListingWishes['watch'],
    colour: args.color as ListingWishes['colour'],
  };
}

/** How tables are written. Scripts, which read a pipe, get them whole and plain. */
export function lookOf({ terminal }: Pick<Context, 'terminal'>, { colour }: ListingWishes): Look {
  const hasColour = colour === 'auto' ? terminal?.hasColour === true : colour === 'always';
  return { columns: terminal?.size().columns, hasColour };
}

/** A wrong one is an error of the command line. */
function toSeconds(text: string | undefined): ListingWishes['watch'] {
  if (text === undefined) return undefined;
  if (text === '') return 'usual';
  const seconds = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && seconds > 0) return seconds;
  throw new Error(`--watch ${text}: not a number of seconds`);
}
