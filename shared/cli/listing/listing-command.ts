/** What a listing is: a command that reads something and shows it as tables or JSON. */
import type { Config } from '../../../schemas/config/model.ts';
import { InvariantError } from '../../base/errors.ts';
import type { Command, Context } from '../command.ts';
import type { ReadOptions } from '../records.ts';
import type { ViewAt } from './output.ts';

export type Args = Readonly<Record<string, unknown>>;

/** What a look may need beside ZooKeeper. */
export interface Told {
  /** `warn`: what cannot be had, a line each; a watch tells it when it is new. */
  readonly context: Context;
  /** Not for a listing without roots, which needs no configuration. */
  readonly config: Config;
}

/** For a listing without roots. */
export function toldWithoutConfig(context: Context): Told {
  return {
    context,
    get config(): Config {
      throw new InvariantError('a listing that needs no ZooKeeper has no configuration');
    },
  };
}

export interface Listing {
  /** Paths in ZooKeeper that it is made of; none: it needs no ZooKeeper, and gets an empty one. */
  roots(args: Args): readonly string[];
  /** It is made of other things, too: each look may find something new. */
  readonly isAskedAnew?: boolean;
  /** How often `--watch` looks if it is not told. Default: every second. */
  readonly usualSeconds?: number;
  look(options: ReadOptions, args: Args, told: Told): Promise<ViewAt>;
}

export type ListingCommand = Omit<Command, 'run'> & Listing;
