/** What `nodepool drain` says. Pure. */
import type { Drain } from '../../store/drains.ts';
import type { Listing } from '../../web/listings.ts';
import type { DrainedLauncher, DrainProgress } from './progress.ts';
import type { DrainTarget } from './target.ts';

/** What is left, in one line. */
export function sayProgress({ kind, name }: DrainTarget, progress: DrainProgress): string {
  const { is_empty, nodes, on_hold, not_obeying } = progress;
  if (is_empty) {
    return kind === 'provider'
      ? `provider ${name} is empty: it has no nodes any more`
      : `launcher ${name} serves nothing any more: it can be stopped`;
  }
  const states = Object.entries(nodes).map(([state, count]) => `${count} ${state}`);
  const held = on_hold.length === 0 ? '' : `; nodepool delete ends a hold (${on_hold.join(', ')})`;
  const waits = not_obeying.length === 0 ? '' : `; ${sayNames(not_obeying)} does not obey`;
  if (kind === 'provider') {
    return `provider ${name}: ${states.length === 0 ? 'no nodes' : states.join(', ')}${held}${waits}`;
  }
  const making = states.length === 0 ? 'ends what it serves' : `makes nodes: ${states.join(', ')}`;
  return `launcher ${name} ${making}${waits}`;
}

/** What to do about launchers that know nothing of drains. */
export function sayDisobedience(
  { kind, name }: DrainTarget,
  { hostname, version, pools }: DrainedLauncher,
): string {
  const who = `the launcher on ${hostname} (version ${version ?? 'unknown'})`;
  if (kind === 'launcher') {
    return (
      `${who} has not said that it takes nothing new; Python Nodepool’s launchers know of no drains\n` +
      'stop it instead: it ends what it serves'
    );
  }
  return (
    `${who} has not said that its pools take nothing new: ${pools.join(', ')}; ` +
    'Python Nodepool’s launchers know of no drains\n' +
    `set max-servers: 0 for these pools of provider ${name} in its nodepool.yaml`
  );
}

function sayNames(launchers: readonly DrainedLauncher[]): string {
  return launchers.map(({ hostname }) => hostname).join(', ');
}

/** `--list`. */
export function drainListing(drains: readonly Drain[], nowSeconds: number): Listing {
  return {
    columns: [
      ['kind', 'Kind'],
      ['name', 'Name'],
      ['age', 'Age'],
      ['by', 'By'],
      ['comment', 'Comment'],
    ],
    rows: drains.map(({ kind, name, record }) => ({
      ...{ kind, name },
      age: record?.since ?? null,
      by: record?.by ?? null,
      comment: record?.comment ?? null,
    })),
    nowSeconds,
  };
}
