/**
 * Labels that are offered anew or by nobody any more, and the stock that is kept of them. Pure.
 */
import type { Config } from '../../../schemas/config/model.ts';
import { MIN_READY_REQUESTOR } from '../../../schemas/records/request.ts';
import { sayCount } from '../explain/words.ts';
import { changesOf, type Change, type Finding, type Snapshot } from './model.ts';
import { labelsOf, offersElsewhere, offersOf } from './offers.ts';

export function labelChanges(
  before: Config,
  after: Config,
  snapshot: Snapshot | undefined,
): Change[] {
  const elsewhere = labelsOf(offersElsewhere(snapshot?.pools ?? [], before));
  const [old, now] = [labelsOf(offersOf(before)), labelsOf(offersOf(after))];
  const come = [...now]
    .filter((name) => !old.has(name))
    .map((subject): Finding => {
      return { mark: '+', code: 'label-offered', subject, text: 'is offered' };
    });
  const go = [...old]
    .filter((name) => !now.has(name))
    .map((subject): Finding => {
      if (elsewhere.has(subject)) {
        const text = 'is offered by launchers with another configuration only';
        return { mark: '~', code: 'label-elsewhere', subject, text };
      }
      const text = 'is offered by nobody any more: requests for it fail';
      return { mark: '-', code: 'label-gone', subject, text, is_loss: true };
    });
  const offered = new Set([...now, ...elsewhere]);
  return changesOf('labels', [...come, ...go, ...stockChanges(before, after, offered, snapshot)]);
}

function stockChanges(
  before: Config,
  after: Config,
  offered: ReadonlySet<string>,
  snapshot: Snapshot | undefined,
): Finding[] {
  const ready = standbyCounts(snapshot);
  return [...new Set([...before.labels.keys(), ...after.labels.keys()])].flatMap((name) => {
    const [old, now] = [minReadyOf(before, name), minReadyOf(after, name)];
    if (old === now) return [];
    const there = snapshot && (ready.get(name) ?? 0);
    const text = `min-ready ${old} -> ${now}${
      old < now ? moreText(now, there, offered.has(name)) : lessText(now, there)
    }`;
    const mark = old < now ? '+' : '-';
    return [{ mark, code: old < now ? 'stock-up' : 'stock-down', subject: name, text }];
  });
}

function moreText(wanted: number, there: number | undefined, isOffered: boolean): string {
  if (!isOffered) return ': nobody offers the label, so nothing is launched';
  if (there === undefined) return '';
  const missing = Math.max(0, wanted - there);
  return missing === 0
    ? `: ${there} are ready or asked for already`
    : `: ${sayCount(missing, 'node')} launched (${there} ready or asked for)`;
}

/** Nothing is deleted for a smaller number (launcher/stock). */
function lessText(wanted: number, there: number | undefined): string {
  if (there === undefined || there <= wanted) return '';
  return `: ${there - wanted} more than that stay until they are used, too old, or in the way`;
}

function minReadyOf({ labels }: Config, name: string): number {
  return labels.get(name)?.minReady ?? 0;
}

/** Ready and free, or asked for by launchers; as launcher/stock counts. */
function standbyCounts(snapshot: Snapshot | undefined): Map<string, number> {
  const counts = new Map<string, number>();
  const count = (label: string): unknown => counts.set(label, (counts.get(label) ?? 0) + 1);
  for (const { record } of snapshot?.nodes ?? []) {
    const isFree = record.allocated_to === null || record.requestor === MIN_READY_REQUESTOR;
    if (record.state === 'ready' && isFree) record.type.forEach(count);
  }
  for (const { record } of snapshot?.requests ?? []) {
    const isOpen = record.state === 'requested' || record.state === 'pending';
    if (isOpen && record.requestor === MIN_READY_REQUESTOR) record.node_types.forEach(count);
  }
  return counts;
}
