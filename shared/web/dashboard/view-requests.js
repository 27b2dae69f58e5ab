/**
 * Requests in the order of service, each with what it waits for.
 *
 * @import { WaitReason } from './request-reasons.js'
 * @import { RequestRow } from './types.ts'
 * @import { ViewContext } from './view-types.ts'
 */
import { age, countOf, words } from './format.js';
import { fillLink, fillLong } from './cells.js';
import { ListView } from './list-view.js';
import { reasonsOf } from './request-reasons.js';
import { fillState } from './state-mark.js';

/** Those that wait longest come first; what is done comes last. */
const STATES = ['requested', 'pending', 'fulfilled', 'failed'];

/**
 * @param {ViewContext} context
 * @returns {ListView<RequestRow>}
 */
export function requestsView(context) {
  const { cluster } = context;
  /** @param {RequestRow} row */
  const reasonOf = ({ id }) => reasonsOf(cluster.status).get(id);
  return new ListView(context, {
    id: 'requests',
    title: 'Requests',
    noun: 'request',
    item: 'request',
    placeholder: 'Search id, label, reason, event, tenant',
    sources: ['requests', 'status'],
    rows: () => [...cluster.rows('requests').values()],
    count: () => cluster.rows('requests').size,
    isWhole: () => cluster.isSynced('requests'),
    nothing: 'Nobody asks for nodes.',
    order: { key: 'turn', isDown: false },
    searched: (row) => reasonOf(row)?.small ?? '',
    filters: [
      { name: 'state', label: 'State', kind: 'chips', valueOf: ({ state }) => state },
      {
        name: 'reason',
        label: 'Waits for',
        kind: 'select',
        all: 'All reasons',
        valueOf: (row) => reasonOf(row)?.code,
      },
      {
        name: 'label',
        label: 'Label',
        kind: 'select',
        all: 'All labels',
        valueOf: ({ labels }) => [...new Set(labels)],
      },
    ],
    columns: columnsOf(context, reasonOf),
  });
}

/**
 * @param {ViewContext} context
 * @param {(row: RequestRow) => WaitReason | undefined} reasonOf
 * @returns {import('./list-view.js').ListOptions<RequestRow>['columns']}
 */
function columnsOf({ cluster, address }, reasonOf) {
  return [
    {
      key: 'turn',
      title: 'Request',
      width: '8.5rem',
      kind: 'mono',
      sortBy: (row) => turnOf(row, reasonOf(row)?.at),
      fill: (cell, { id }) => {
        fillLink(cell, address.href({ sel: `request:${id}` }), id);
      },
    },
    {
      key: 'state',
      title: 'State',
      width: '6.5rem',
      kind: 'desk-only',
      sortBy: ({ state }) => state,
      fill: (cell, { state }) => {
        fillState(cell, state);
      },
    },
    {
      key: 'reason',
      title: 'Waits because',
      width: '40%',
      sortBy: (row) => reasonOf(row)?.reason,
      fill: (cell, row) => {
        fillLong(cell, reasonOf(row)?.reason ?? otherwise(row));
      },
    },
    {
      key: 'label',
      title: 'Labels',
      width: '18%',
      kind: 'desk-only',
      text: ({ labels }) => sayLabels(labels),
    },
    {
      key: 'priority',
      title: 'Priority',
      width: '5rem',
      kind: 'number wide-only',
      sortBy: ({ priority }) => priority,
      text: ({ priority }) => String(priority ?? ''),
    },
    {
      key: 'age',
      title: 'Since',
      width: '4.5rem',
      kind: 'number',
      sortBy: (row) => -sinceOf(row),
      text: (row) => age(cluster.now() - sinceOf(row)),
    },
    { key: 'by', title: 'By', width: '16%', kind: 'wide-only', text: byWhom },
  ];
}

/**
 * The order of service, where the launcher tells it; what it leaves away comes after by priority.
 *
 * @param {RequestRow} row
 * @param {number | undefined} at
 */
function turnOf({ state, priority, id }, at) {
  const place =
    at === undefined
      ? `9${String(priority ?? 0).padStart(8, '0')}`
      : `0${String(at).padStart(8, '0')}`;
  const rank = STATES.indexOf(state);
  return `${rank < 0 ? 9 : rank}${place}${id}`;
}

/** @param {RequestRow} row */
export function sinceOf({ created_time, state_time }) {
  return created_time ?? state_time;
}

/** @param {RequestRow} row */
function byWhom({ requestor, tenant }) {
  return [requestor, tenant].filter(Boolean).join(' / ');
}

/** @param {RequestRow} row */
function otherwise({ state, nodes }) {
  if (state === 'pending')
    return `is being served${nodes.length > 0 ? `, ${countOf(nodes.length, 'node')}` : ''}`;
  if (state === 'fulfilled') return 'has its nodes';
  if (state === 'requested') return 'no pool of this launcher has said anything yet';
  return words(state);
}

/**
 * `small x 3, big`.
 *
 * @param {readonly string[]} labels
 */
export function sayLabels(labels) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts]
    .map(([label, number]) => (number === 1 ? label : `${label} × ${number}`))
    .join(', ');
}
