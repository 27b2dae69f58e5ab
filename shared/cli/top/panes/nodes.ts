/** How many nodes of each provider are in which state. */
import { stateStyle } from '../../terminal/states.ts';
import { harmless } from '../../terminal/width.ts';
import type { TopData } from '../model.ts';
import { cell, sumOf, type Pane } from './pane.ts';

/** In the order of a node's life; others come after them. */
const STATES = [
  ...['init', 'building', 'testing', 'ready', 'in-use', 'used', 'hold'],
  ...['deleting', 'failed', 'aborted'],
];

export function nodesPane({ stored }: TopData): Pane {
  const providers = [...stored.nodes].sort(([a], [b]) => (a < b ? -1 : 1));
  const found = new Set(providers.flatMap(([, states]) => [...states.keys()]));
  const states = [
    ...STATES.filter((state) => found.has(state)),
    ...[...found].filter((state) => !STATES.includes(state)).sort(),
  ];
  const rows = providers.map(([provider, counts]) => [
    cell(provider, 'bold'),
    cell(sumOf(counts.values())),
    ...states.map((state) => {
      const count = counts.get(state) ?? 0;
      return count === 0 ? cell('') : cell(count, stateStyle(state));
    }),
  ]);
  const total = sumOf(providers.flatMap(([, counts]) => [...counts.values()]));
  return {
    title: `Nodes: ${total}`,
    remark: '',
    headers: ['Provider', 'All', ...states.map(harmless)],
    rows,
  };
}
