/** Launchers and builders that are alive, and what each says of itself. */
import type { LauncherStatus } from '../../../../schemas/launcher-status.ts';
import type { BuilderAnswer, Process, TopData } from '../model.ts';
import { cell, type Pane, type Row } from './pane.ts';

export function processesPane({ launchers, builders }: TopData): Pane {
  const rows = [
    ...launchers.map((one) => row('launcher', one, sayLauncher)),
    ...builders.map((one) => row('builder', one, sayBuilder)),
  ];
  return {
    title: `Launchers: ${launchers.length}, builders: ${builders.length}`,
    remark: '',
    headers: ['Kind', 'Host', 'Version', 'State', 'Says'],
    rows,
  };
}

function row<T>(kind: string, process: Process<T>, say: (answer: T) => string): Row {
  const { name, version, state, answer, problem } = process;
  return [
    ...[cell(kind), cell(name, 'bold'), cell(version ?? '')],
    cell(state, state === 'running' ? 'green' : 'yellow'),
    answer === undefined ? cell(problem ?? '', 'red') : cell(say(answer)),
  ];
}

function sayLauncher(status: LauncherStatus): string {
  const { serving, waiting, without_answer: without } = status;
  const all = [
    status.is_current ? '' : 'does not see ZooKeeper',
    status.is_draining ? 'draining' : '',
    `serves ${serving}`,
    without === 0 ? '' : `has said nothing yet about ${without} of ${waiting} that wait`,
  ];
  return all.filter((one) => one !== '').join(', ');
}

function sayBuilder({ builds, uploads }: BuilderAnswer): string {
  return builds.length + uploads.length === 0
    ? 'idle'
    : `builds ${builds.length}, uploads ${uploads.length}`;
}
