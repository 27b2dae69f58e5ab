/** Requests that wait, by the reason that pools give; without launchers that tell, by label. */
import type { LauncherStatus } from '../../../../schemas/launcher-status.ts';
import { statusesOf, type TopData } from '../model.ts';
import { cell, type Pane } from './pane.ts';

export function waitingPane(data: TopData): Pane {
  const count = data.stored.requests.get('requested') ?? 0;
  const title = `Waiting requests: ${count}`;
  const statuses = statusesOf(data);
  if (statuses.length === 0) {
    const rows = data.stored.wanted.map(([label, requests]) => [cell(requests), cell(label)]);
    const remark = rows.length === 0 ? '' : 'no launcher tells why they wait';
    return { title, remark, headers: ['Requests', 'Label'], rows };
  }
  const reasons = statuses.flatMap((status) => status.reasons);
  const rows = reasons
    .filter((reason) => count > 0 || reason.answer === 'defer')
    .sort((a, b) => b.count - a.count)
    .map(rowOf);
  const silent = data.launchers.filter(({ answer }) => answer === undefined).length;
  const remark = silent === 0 ? '' : `${silent} of ${data.launchers.length} launchers tell nothing`;
  return { title, remark, headers: ['Requests', 'Provider', 'Pool', 'Answer', 'Why'], rows };
}

function rowOf({
  count,
  provider,
  pool,
  answer,
  text,
}: LauncherStatus['reasons'][number]): Pane['rows'][number] {
  const style = answer === 'decline' ? 'red' : 'yellow';
  return [cell(count), cell(provider), cell(pool), cell(answer, style), cell(text)];
}
