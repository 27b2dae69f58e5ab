/**
 * Requests that no pool could serve any more, or at last could; and those whose pool goes while it
 * serves them. Pure.
 */
import type { Config } from '../../../schemas/config/model.ts';
import { MIN_READY_REQUESTOR } from '../../../schemas/records/request.ts';
import type { RequestView } from '../../web/source.ts';
import { sayCount } from '../explain/words.ts';
import { groupBy } from '../group.ts';
import { changesOf, type Change, type Finding, type Snapshot } from './model.ts';
import { canServe, offersElsewhere, offersOf } from './offers.ts';

export function requestChanges(before: Config, after: Config, snapshot: Snapshot): Change[] {
  const elsewhere = offersElsewhere(snapshot.pools, before);
  const old = [...offersOf(before), ...elsewhere];
  const now = [...offersOf(after), ...elsewhere];
  const asked = snapshot.requests.filter(({ record }) => record.requestor !== MIN_READY_REQUESTOR);
  const waiting = asked.filter(({ record }) => record.state === 'requested');
  // Thousands of requests ask for a few sets of labels.
  const bySet = [...groupBy(waiting, ({ record }) => record.node_types.toSorted().join(', '))];
  const judged = bySet.flatMap(([labels, all]) => {
    const wanted = all[0]?.record.node_types ?? [];
    const [could, can] = [canServe(old, wanted), canServe(now, wanted)];
    return could === can ? [] : [finding(labels, all, can ? 'won' : 'lost')];
  });
  return changesOf('requests', [...judged, ...interrupted(asked, { before, after, snapshot })]);
}

function finding(subject: string, all: readonly RequestView[], kind: 'lost' | 'won'): Finding {
  const ids = all.map(({ id }) => id);
  const count = `${sayCount(all.length, 'request')} waiting`;
  if (kind === 'won')
    return { mark: '+', code: 'requests-served', subject, text: `${count} can be served`, ids };
  const text = `${count} can be served by no pool any more: failed once all pools have declined`;
  return { mark: '-', code: 'requests-lost', subject, text, ids, is_loss: true };
}

/** Pending ones whose nodes stand in a pool that goes. */
function interrupted(
  requests: readonly RequestView[],
  { before, after, snapshot }: { before: Config; after: Config; snapshot: Snapshot },
): Finding[] {
  const places = new Map<string, string>();
  for (const { record } of snapshot.nodes) {
    const { allocated_to, provider, pool } = record;
    if (allocated_to === null || provider === null || pool === null) continue;
    if (hasPool(before, provider, pool) && !hasPool(after, provider, pool))
      places.set(allocated_to, `${provider}-${pool}`);
  }
  const hit = requests.filter(({ id, record }) => record.state === 'pending' && places.has(id));
  const byPlace = groupBy(hit, ({ id }) => places.get(id) ?? '');
  return [...byPlace].map(([subject, all]) => ({
    ...{ mark: '~', code: 'requests-interrupted', subject, ids: all.map(({ id }) => id) },
    text: `${sayCount(all.length, 'request')} being served there: launches under way are finished; what fails or has not begun is left to other pools`,
  }));
}

function hasPool({ providers }: Config, provider: string, pool: string): boolean {
  return providers.get(provider)?.pools.some(({ name }) => name === pool) === true;
}
