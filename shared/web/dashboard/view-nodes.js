/**
 * All nodes of the cluster, whoever launched them.
 *
 * @import { NodeRow } from './types.ts'
 * @import { ViewContext } from './view-types.ts'
 */
import { age } from './format.js';
import { fillLink } from './cells.js';
import { ListView } from './list-view.js';
import { fillState } from './state-mark.js';

/**
 * @param {ViewContext} context
 * @returns {ListView<NodeRow>}
 */
export function nodesView(context) {
  const { cluster } = context;
  return new ListView(context, {
    id: 'nodes',
    title: 'Nodes',
    noun: 'node',
    item: 'node',
    placeholder: 'Search id, host, address, label, comment',
    sources: ['nodes'],
    rows: () => [...cluster.rows('nodes').values()],
    count: () => cluster.rows('nodes').size,
    isWhole: () => cluster.isSynced('nodes'),
    order: { key: 'id', isDown: true },
    filters: [
      { name: 'state', label: 'State', kind: 'chips', valueOf: ({ state }) => state },
      {
        name: 'provider',
        label: 'Provider',
        kind: 'select',
        all: 'All providers',
        valueOf: ({ provider }) => provider,
      },
      {
        name: 'label',
        label: 'Label',
        kind: 'select',
        all: 'All labels',
        valueOf: ({ labels }) => labels,
      },
    ],
    columns: columnsOf(context),
  });
}

/**
 * @param {ViewContext} context
 * @returns {import('./list-view.js').ListOptions<NodeRow>['columns']}
 */
function columnsOf({ cluster, address }) {
  return [
    {
      key: 'id',
      title: 'Node',
      width: '7rem',
      kind: 'mono',
      sortBy: ({ id }) => id,
      fill: (cell, { id }) => {
        fillLink(cell, address.href({ sel: `node:${id}` }), id);
      },
    },
    {
      key: 'state',
      title: 'State',
      width: '6.5rem',
      sortBy: ({ state }) => state,
      fill: (cell, { state }) => {
        fillState(cell, state);
      },
    },
    {
      key: 'age',
      title: 'For',
      width: '4.5rem',
      kind: 'number',
      sortBy: ({ state_time }) => -state_time,
      text: ({ state_time }) => age(cluster.now() - state_time),
    },
    { key: 'label', title: 'Label', width: '18%', text: ({ labels }) => labels.join(', ') },
    { key: 'provider', title: 'Provider', width: '14%', kind: 'desk-only', text: placeOf },
    {
      key: 'host',
      title: 'Host',
      width: '18%',
      kind: 'wide-only',
      text: ({ hostname }) => hostname ?? '',
    },
    {
      key: 'address',
      title: 'Address',
      width: '8.5rem',
      kind: 'mono wide-only',
      text: addressOf,
    },
    {
      key: 'request',
      title: 'Request',
      width: '8.5rem',
      kind: 'mono desk-only',
      text: ({ allocated_to }) => allocated_to ?? '',
    },
    { key: 'note', title: 'Note', width: '20%', kind: 'desk-only', text: noteOf },
  ];
}

/** @param {NodeRow} node */
export function placeOf({ provider, pool }) {
  return [provider, pool].filter(Boolean).join(' / ');
}

/** @param {NodeRow} node */
export function addressOf({ public_ipv4, private_ipv4, public_ipv6 }) {
  return [public_ipv4, private_ipv4, public_ipv6].find(Boolean) ?? '';
}

/** @param {NodeRow} node */
function noteOf({ hold_job, comment, locked }) {
  return [comment, hold_job && `held for ${hold_job}`, locked && 'locked']
    .filter(Boolean)
    .join('; ');
}
