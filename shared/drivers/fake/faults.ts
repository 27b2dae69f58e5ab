/**
 * Failures and delays on purpose, from `extensions: drivers: fake:` of nodepool.yaml:
 *
 *   extensions:
 *     drivers:
 *       fake:
 *         seed: 7
 *         create-delay: [0.1, 2]
 *         fail-create: [{probability: 0.1, error: capacity}, {every: 20, mode: hang}]
 *         providers:
 *           fake-two: {delete-delay: 1}
 *
 * What stands below `providers` replaces the option of the same name for that provider alone. With
 * a seed, the same calls in the same order fail in the same way.
 */
import { z } from 'zod';

import { ConfigError } from '../../base/errors.ts';

/** Seconds: one number, or a range from which each call draws. */
const delay = z.union([
  z.number().min(0),
  z.tuple([z.number().min(0), z.number().min(0)]).refine(([low, high]) => low <= high),
]);

const chance = {
  /** Of each call, 0 to 1. */
  probability: z.number().min(0).max(1).optional(),
  /** Every Nth call, from the Nth on. */
  every: z.int().min(1).optional(),
  /** At most so many in all. */
  times: z.int().min(0).optional(),
};

const createFault = z.strictObject({
  ...chance,
  /**
   * - `before`: refused; nothing was made.
   * - `after-exists`: the server exists, then the call fails.
   * - `hang`: the server exists and never becomes usable.
   * - `no-address`: the server becomes active without an address.
   */
  mode: z.enum(['before', 'after-exists', 'hang', 'no-address']).default('before'),
  error: z.enum(['transient', 'capacity', 'quota', 'fatal']).default('transient'),
});

const deleteFault = z.strictObject({
  ...chance,
  /** `lie`: reports success while the server stays. */
  mode: z.enum(['error', 'hang', 'lie']).default('error'),
});

const oneOrMore = <S extends z.ZodType>(fault: S) =>
  z.union([z.array(fault), fault.transform((one) => [one])]);

const options = {
  /** From the creation of a server until it is active. Default 0.1. */
  'create-delay': delay.optional(),
  /** From the deletion of a server until it is gone. Default 0. */
  'delete-delay': delay.optional(),
  'fail-create': oneOrMore(createFault).optional(),
  'fail-delete': oneOrMore(deleteFault).optional(),
  /** Chance of each server to be missing from a listing, 0 to 1. */
  'listing-misses': z.number().min(0).max(1).optional(),
};

const providerSchema = z.strictObject(options);

const schema = z.strictObject({
  ...options,
  seed: z.int().optional(),
  /** Where the machines are kept, so that they outlive the launcher; see remote-cloud.ts. */
  server: z.url({ protocol: /^http$/ }).optional(),
  providers: z.record(z.string(), providerSchema).default({}),
});

export type Delay = z.output<typeof delay>;
export type CreateFault = z.output<typeof createFault>;
export type DeleteFault = z.output<typeof deleteFault>;

export interface Faults {
  readonly seed: number | undefined;
  readonly server: string | undefined;
  readonly createDelaySeconds: Delay;
  readonly deleteDelaySeconds: Delay;
  readonly create: readonly CreateFault[];
  readonly delete: readonly DeleteFault[];
  readonly listingMisses: number;
}

export const NO_FAULTS: Faults = {
  seed: undefined,
  server: undefined,
  createDelaySeconds: 0.1,
  deleteDelaySeconds: 0,
  create: [],
  delete: [],
  listingMisses: 0,
};

/** Reads the extension for one provider; absent options keep `NO_FAULTS`. */
export function readFaults(extension: unknown, provider: string): Faults {
  const parsed = schema.safeParse(extension ?? {});
  if (!parsed.success)
    throw new ConfigError(
      'NP_CONFIG_INVALID',
      `extensions: drivers: fake: ${z.prettifyError(parsed.error)}`,
    );
  const { providers, seed, server, ...common } = parsed.data;
  const chosen = { ...common, ...providers[provider] };
  return {
    seed,
    server,
    createDelaySeconds: chosen['create-delay'] ?? NO_FAULTS.createDelaySeconds,
    deleteDelaySeconds: chosen['delete-delay'] ?? NO_FAULTS.deleteDelaySeconds,
    create: chosen['fail-create'] ?? [],
    delete: chosen['fail-delete'] ?? [],
    listingMisses: chosen['listing-misses'] ?? 0,
  };
}

interface Chance {
  readonly probability?: number | undefined;
  readonly every?: number | undefined;
  readonly times?: number | undefined;
}

/** Decides call by call which fault strikes; the first of the list that does wins. */
export class Dice {
  readonly #random: () => number;
  readonly #struck = new Map<Chance, number>();

  constructor(random: () => number) {
    this.#random = random;
  }

  /** `call` counts from 1. A fault with neither probability nor every strikes each time. */
  pick<F extends Chance>(faults: readonly F[], call: number): F | undefined {
    return faults.find((fault) => this.#strikes(fault, call));
  }

  #strikes(fault: Chance, call: number): boolean {
    const struck = this.#struck.get(fault) ?? 0;
    if (fault.times !== undefined && struck >= fault.times) return false;
    if (fault.every !== undefined && call % fault.every !== 0) return false;
    if (fault.probability !== undefined && this.#random() >= fault.probability) return false;
    this.#struck.set(fault, struck + 1);
    return true;
  }

  happens(probability: number): boolean {
    return probability > 0 && this.#random() < probability;
  }

  /** Milliseconds. */
  draw(seconds: Delay): number {
    if (typeof seconds === 'number') return seconds * 1000;
    const [low, high] = seconds;
    return (low + this.#random() * (high - low)) * 1000;
  }
}

/** A source of numbers in [0, 1) that repeats itself for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
