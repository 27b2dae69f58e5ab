/** Nodes that are being launched, the oldest first; without launchers that tell, as ZooKeeper has them. */
import type { LaunchStatus } from '../../../../schemas/launcher-status.ts';
import { sayDuration } from '../../../base/words.ts';
import type { Style } from '../../terminal/lines.ts';
import { statusesOf, type TopData } from '../model.ts';
import { cell, type Pane } from './pane.ts';

const HEADERS = [
  'Request',
  'Label',
  'Provider',
  'Node',
  'Phase',
  'For',
  'Age',
  'Attempt',
  'Problem',
];
/** A phase that lasts longer stands out, seconds. */
const LONG_SECONDS = 300;

export function launchesPane(data: TopData): Pane {
  const statuses = statusesOf(data);
  if (statuses.length === 0) return storedPane(data);
  const launches = statuses
    .flatMap((status) => status.launches)
    .filter(({ ended }) => ended === null)
    .sort((a, b) => startOf(a) - startOf(b));
  const rows = launches.map((launch) => rowOf(launch, data.now));
  return { title: `Launches: ${launches.length}`, remark: '', headers: HEADERS, firm: 1, rows };
}

function rowOf(launch: LaunchStatus, now: number): Pane['rows'][number] {
  const step = launch.steps.at(-1);
  const seconds = now - (step?.since ?? now);
  const style: Style = seconds > LONG_SECONDS ? 'yellow' : 'plain';
  return [
    ...[cell(launch.request), cell(launch.label), cell(`${launch.provider}/${launch.pool}`)],
    cell(launch.node ?? ''),
    cell((step?.phase ?? '').replaceAll('-', ' '), 'cyan'),
    cell(sayDuration(seconds), style),
    cell(sayDuration(now - startOf(launch))),
    cell(launch.attempt === null ? '' : `${launch.attempt} of ${launch.attempts}`),
    cell(launch.problem ?? '', 'red'),
  ];
}

function startOf({ steps }: LaunchStatus): number {
  return steps[0]?.since ?? 0;
}

function storedPane({ stored, now }: TopData): Pane {
  const rows = stored.nodesInTheMaking.map(({ name, what, provider, since }) => [
    ...[cell(name), cell(what), cell(provider), cell(sayDuration(now - since))],
  ]);
  const remark = rows.length === 0 ? '' : 'no launcher tells how far they are';
  const title = `Launches: ${rows.length}`;
  return { title, remark, headers: ['Node', 'Label', 'Provider', 'Age'], rows };
}
