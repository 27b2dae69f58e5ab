/**
 * A parsed configuration in portions, since whoever takes over a message, or freezes what it holds,
 * does nothing else meanwhile. One provider is one portion.
 */
import { isDeepStrictEqual } from 'node:util';

import type { Config, ProviderConfig } from '../../../schemas/config/model.ts';
import type { ErrorCode } from '../../base/error-codes.ts';
import { deepFreeze, freezeOne } from '../freeze.ts';
import type { ParseResult } from '../parse.ts';
import { InvalidConfigError } from '../problem.ts';
import type { ConfigProblem } from '../problem.ts';

/** Must survive a structured clone: plain values, lists and maps. */
export type Portion =
  | {
      readonly kind: 'refused';
      readonly code: ErrorCode;
      readonly problems: readonly ConfigProblem[];
      readonly digest: string;
    }
  | { readonly kind: 'head'; readonly result: ParseResult }
  | { readonly kind: 'provider'; readonly provider: ProviderConfig }
  | { readonly kind: 'end' };

export function* portionsOf(result: ParseResult): Generator<Portion> {
  const config: Config = { ...result.config, providers: new Map() };
  yield { kind: 'head', result: { ...result, config } };
  for (const provider of result.config.providers.values()) yield { kind: 'provider', provider };
  yield { kind: 'end' };
}

/** Puts the portions together again, frozen as they were: a clone is not. */
export class Assembly {
  readonly #previous: Config | undefined;
  readonly #providers = new Map<string, ProviderConfig>();
  #head: ParseResult | undefined;

  /** Sections that are equal in `previous` are those objects, so that a comparison sees it at once. */
  constructor(previous?: Config) {
    this.#previous = previous;
  }

  /** Answers the whole with the last portion. Throws what the configuration was refused with. */
  add(portion: Portion): ParseResult | undefined {
    switch (portion.kind) {
      case 'refused':
        throw new InvalidConfigError(portion.code, portion.problems, portion.digest);
      case 'head':
        this.#head = portion.result;
        return undefined;
      case 'provider':
        this.#providers.set(portion.provider.name, deepFreeze(this.#known(portion.provider)));
        return undefined;
      case 'end':
        return this.#head && this.#whole(this.#head);
    }
  }

  #known(provider: ProviderConfig): ProviderConfig {
    const before = this.#previous?.providers.get(provider.name);
    if (before === undefined || !isDeepStrictEqual(before.raw, provider.raw)) return provider;
    return { ...provider, raw: before.raw };
  }

  #whole(head: ParseResult): ParseResult {
    // Not in depth: the providers are frozen already.
    const config = freezeOne({ ...deepFreeze(head.config), providers: freezeOne(this.#providers) });
    return { ...head, config };
  }
}
