/**
 * Launchers, builders and pools that are registered now, with their versions.
 *
 * @import { ComponentRow } from './types.ts'
 * @import { ViewContext } from './view-types.ts'
 */
import { isPython } from './format.js';
import { ListView } from './list-view.js';
import { fillState } from './state-mark.js';

/**
 * @param {ViewContext} context
 * @returns {ListView<ComponentRow>}
 */
export function processesView(context) {
  const { cluster } = context;
  /** @param {ComponentRow} row */
  const problemOf = ({ kind, hostname, version }) =>
    kind === 'builder' && !isPython(version)
      ? cluster.builders.find(({ host, reachable }) => host === hostname && !reachable)
      : undefined;
  /** @param {ComponentRow} row */
  const noteOf = (row) => {
    const problem = problemOf(row);
    if (problem)
      return `its web server cannot be reached${problem.problem ? `: ${problem.problem}` : ''}`;
    if (row.kind !== 'pool') return '';
    const labels = row.labels ?? [];
    return [
      row.paused && 'takes nothing new now',
      labels.length > 0 && `labels ${labels.join(', ')}`,
    ]
      .filter(Boolean)
      .join('; ');
  };
  return new ListView(context, {
    id: 'processes',
    title: 'Processes',
    noun: 'process',
    item: 'component',
    placeholder: 'Search host, version, label',
    sources: ['components', 'builders'],
    rows: () => [...cluster.rows('components').values()],
    count: () =>
      [...cluster.rows('components').values()].filter(({ kind }) => kind !== 'pool').length,
    isWhole: () => cluster.isSynced('components'),
    order: { key: 'kind', isDown: false },
    filters: [{ name: 'kind', label: 'Kind', kind: 'chips', valueOf: ({ kind }) => kind }],
    columns: [
      { key: 'kind', title: 'Kind', width: '5.5rem', sortBy: rankOf, text: ({ kind }) => kind },
      { key: 'host', title: 'Host', width: '22%', text: ({ hostname }) => hostname },
      {
        key: 'state',
        title: 'State',
        width: '7.5rem',
        sortBy: stateOf,
        fill: (cell, row) => {
          fillState(cell, stateOf(row), problemOf(row) ? { mood: 'bad' } : {});
        },
      },
      { key: 'version', title: 'Version', width: '9rem', kind: 'desk-only', text: sayVersion },
      {
        key: 'pool',
        title: 'Pool',
        width: '18%',
        kind: 'desk-only',
        text: ({ provider, pool }) => [provider, pool].filter(Boolean).join(' / '),
      },
      { key: 'note', title: 'Note', width: '34%', text: noteOf },
    ],
  });
}

/**
 * A pool that is drained is registered as paused, too.
 *
 * @param {ComponentRow} row
 */
function stateOf({ state, paused }) {
  return paused && state === 'running' ? 'paused' : state;
}

/** @param {ComponentRow} row */
function rankOf({ kind, hostname }) {
  const rank = ['launcher', 'builder', 'pool'].indexOf(kind);
  return `${rank < 0 ? 9 : rank}${hostname}`;
}

/** @param {ComponentRow} row */
export function sayVersion({ version }) {
  if (version === null) return 'not told';
  return isPython(version) ? `${version} (Python)` : version;
}
