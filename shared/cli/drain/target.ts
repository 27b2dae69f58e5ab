/** Whom a name given to `nodepool drain` means. Pure. */
import type { DrainKind } from '../../../schemas/records/drain.ts';
import { NodepoolError } from '../../base/errors.ts';
import { suggest } from '../../config/suggestion.ts';

export interface DrainTarget {
  readonly kind: DrainKind;
  readonly name: string;
}

/** Names by kind: of what is configured or registered, or, to end a drain, of what is drained. */
export type KnownNames = Readonly<Record<DrainKind, ReadonlySet<string>>>;

/**
 * `kind`: as somebody asked for; then the name need not be known.
 *
 * @throws NodepoolError NP_DRAIN_TARGET
 */
export function chooseTarget(
  name: string,
  kind: DrainKind | undefined,
  known: KnownNames,
): DrainTarget {
  if (kind !== undefined) return { kind, name };
  const isProvider = known.provider.has(name);
  const isLauncher = known.launcher.has(name);
  if (isProvider && isLauncher) {
    throw new NodepoolError('NP_DRAIN_TARGET', `${name} is a provider and a launcher`, {
      hint: 'say which one with --provider or --launcher',
    });
  }
  if (isProvider) return { kind: 'provider', name };
  if (isLauncher) return { kind: 'launcher', name };
  throw new NodepoolError('NP_DRAIN_TARGET', `there is no provider or launcher ${name}`, {
    hint: hintFor(name, [...known.provider, ...known.launcher]),
  });
}

/** Names that are told; more nobody reads. */
const MOST_NAMED = 20;

function hintFor(name: string, known: readonly string[]): string {
  const meant = suggest(name, known);
  if (meant !== undefined) return `did you mean ${meant}?`;
  const named = known.slice(0, MOST_NAMED).join(', ');
  const all = known.length > MOST_NAMED ? `${named}, and ${known.length - MOST_NAMED} more` : named;
  const others = known.length === 0 ? 'none is known' : `known are ${all}`;
  return `${others}; one that is not there yet can be named with --provider or --launcher`;
}
