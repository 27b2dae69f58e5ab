/**
 * Requests that no pool could serve any more, or at last could; and those whose pool goes while it
 * serves them. Pure.
 */
import type { Config } from '../../../schemas/config/model.ts';
import { MIN_READY_REQUESTOR } from '../../../schemas/records/request.ts';
import type { RequestView } from '../../web/source.ts';
import { sayCount } from '../explain/words.ts';
import { changesOf, type Change, type Finding, type Snapshot } from './model.ts';
import { canServe, offersElsewhere, offersOf } from './offers.ts';

export function requestChanges(before: Config, after: Config, snapshot: Snapshot): Change[] {
  const elsewhere = offersElsewhere(snapshot.pools, before);
  const old = [...offersOf(before), ...elsewhere];
  const now = [...offersOf(after), ...elsewhere];
  const asked = snapshot.requests.filter(({ record }) => record.requestor !== MIN_READY_REQUESTOR);
  const waiting = asked.filter(({ record }) => record.state === 'requested');
  const lost = new Map<string, RequestView[]>();
  const won = new Map<string, RequestView[]>();
  // Thousands of requests ask for a few sets of labels.
  const answers = new Map<string, 'lost' | 'won' | 'same'>();
  for (const request of waiting) {
    const labels = request.record.node_types.toSorted();
    const key = labels.join(', ');
    const answer = answers.get(key) ?? judge(canServe(old, labels), canServe(now, labels));
    answers.set(key, answer);
    const group = answer === 'lost' ? lost : answer === 'won' ? won : undefined;
    group?.set(key, [...(group.get(key) ?? []), request]);
  }
  return changesOf('requests', [
    ...[...lost].map(([labels, all]) => finding(labels, all, 'lost')),
    ...[...won].map(([labels, all]) => finding(labels, all, 'won')),
    ...interrupted(asked, { before, after, snapshot }),
  ]);
}

function judge(could: boolean, can: boolean): 'lost' | 'won' | 'same' {
  if (could === can) return 'same';
  return can ? 'won' : 'lost';
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
  const byPlace = new Map<string, string[]>();
  for (const { id, record } of requests) {
    const place = places.get(id);
    if (place === undefined || record.state !== 'pending') continue;
    byPlace.set(place, [...(byPlace.get(place) ?? []), id]);
  }
  return [...byPlace].map(([subject, ids]) => ({
    ...{ mark: '~', code: 'requests-interrupted', subject, ids },
    text: `${sayCount(ids.length, 'request')} being served there: launches under way are finished; what fails or has not begun is left to other pools`,
  }));
}

function hasPool({ providers }: Config, provider: string, pool: string): boolean {
  return providers.get(provider)?.pools.some(({ name }) => name === pool) === true;
}
