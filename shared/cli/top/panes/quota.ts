/**
 * How much of their limits providers and pools use. A provider of several launchers is shown once: what is
 * used is the same for all, what is kept for launches each knows of its own.
 */
import type { ProviderStatus, ResourceUse } from '../../../../schemas/launcher-status.ts';
import { statusesOf, type TopData } from '../model.ts';
import { bar, barLength, cell, fillStyle, sumOf, type Pane, type Row } from './pane.ts';

const HEADERS = ['Provider', 'Resource', '', 'Used', 'Launching', 'Deleting', 'State'];

export function quotaPane(data: TopData, columns: number): Pane {
  const length = barLength(columns);
  const statuses = statusesOf(data);
  if (statuses.length === 0) return poolsPane(data);
  const all = statuses.flatMap((status) => status.providers);
  const names = [...new Set(all.map(({ name }) => name))].sort();
  const rows = names.flatMap((name) =>
    rowsOf(
      all.filter((one) => one.name === name),
      length,
    ),
  );
  return { title: `Providers: ${names.length}`, remark: '', headers: HEADERS, rows };
}

/** Without launchers that tell: pools as they are registered. */
function poolsPane({ stored: { pools } }: TopData): Pane {
  const rows = pools.map(({ provider, name, host, labels, isPaused }) => [
    ...[cell(provider, 'bold'), cell(name), cell(host)],
    isPaused ? cell('waits for room', 'yellow') : cell('takes requests', 'green'),
    cell(labels.join(', ')),
  ]);
  const headers = ['Provider', 'Pool', 'Launcher', 'State', 'Labels'];
  const remark = 'no launcher tells its limits';
  return { title: `Pools: ${pools.length}`, remark, headers, rows };
}

/** `same`: one provider, as each launcher sees it. */
function rowsOf(same: readonly ProviderStatus[], length: number): Row[] {
  const [first] = same;
  if (first === undefined) return [];
  const wrong = same.find(({ state }) => state !== 'running');
  const state =
    wrong === undefined
      ? cell('running', 'green')
      : cell(`${wrong.state}${wrong.problem === null ? '' : `: ${wrong.problem}`}`, 'red');
  const own: Row[] = merged(same.map(({ quota }) => quota)).map((use) => useCells(use, length));
  const [head = [cell(''), cell(''), cell('')], ...rest] = own;
  const launching = sumOf(same.map((one) => one.launching));
  const deleting = sumOf(same.map((one) => one.deleting));
  const pools = same.flatMap((one) => one.pools);
  const poolNames = [...new Set(pools.map(({ name }) => name))].sort();
  return [
    [cell(first.name, 'bold'), ...head, cell(launching), cell(deleting), state],
    ...rest.map((cells) => [cell(''), ...cells]),
    ...poolNames.flatMap((name) => {
      const samePool = pools.filter((pool) => pool.name === name);
      const uses = merged(samePool.map(({ quota }) => quota)).filter(({ limit }) => limit !== null);
      const isPaused = samePool.some(({ paused }) => paused);
      return uses.map((use) => [
        cell(`  ${name}`),
        ...useCells(use, length),
        ...[cell(''), cell(''), isPaused ? cell('pool waits for room', 'yellow') : cell('')],
      ]);
    }),
  ];
}

function merged(lists: readonly (readonly ResourceUse[])[]): ResourceUse[] {
  const found = new Map<string, ResourceUse>();
  for (const use of lists.flat()) {
    const known = found.get(use.resource);
    found.set(use.resource, {
      resource: use.resource,
      used: Math.max(use.used, known?.used ?? 0),
      reserved: use.reserved + (known?.reserved ?? 0),
      limit: use.limit ?? known?.limit ?? null,
    });
  }
  return [...found.values()];
}

function useCells({ resource, used, reserved, limit }: ResourceUse, length: number): Row {
  const kept = reserved === 0 ? '' : ` +${reserved}`;
  if (limit === null) return [cell(resource), cell(''), cell(`${used}${kept}`)];
  return [
    cell(resource),
    cell(bar(used, reserved, limit, length), fillStyle(used + reserved, limit)),
    cell(`${used}${kept} of ${limit}`),
  ];
}
