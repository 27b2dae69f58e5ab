/** The section of docs/performance.md about open dashboards. */
import { writeSection } from '../performance-page.ts';
import type { DashboardsResult, Figure } from './result.ts';
import type { DashboardsVerdict } from './targets.ts';

const FIGURES: readonly (readonly [label: string, key: Figure])[] = [
  ['requests a second', 'requests_per_second'],
  ['p50, ms', 'p50_ms'],
  ['p99, ms', 'p99_ms'],
  ["launcher's CPU a request, ms", 'cpu_ms_per_request'],
];

export function writeDashboardsSection(
  result: DashboardsResult,
  verdicts: readonly DashboardsVerdict[],
): Promise<void> {
  const { without, with: open, ratio } = result;
  const lines = [
    `${result.date.slice(0, 10)}, ${result.cores} cores, Node ${result.node}, load ${result.load1} before:`,
    `${result.nodes} nodes in use, ${result.requests} requests a round, ${result.rounds} rounds of each, taken in turn.`,
    `Each of the ${result.readers} readers got ${result.kilobytes_per_second} kB a second.`,
    '',
    `| figure | no dashboard | ${result.readers} dashboards | with / without |`,
    '| --- | ---: | ---: | ---: |',
    ...FIGURES.map(
      ([label, key]) => `| ${label} | ${without[key]} | ${open[key]} | ${ratio[key]} |`,
    ),
    `| memory of the launcher at most, MiB |  | ${result.rss_mib} |  |`,
    '',
    '| target | wanted | measured | reached |',
    '| --- | --- | ---: | --- |',
    ...verdicts.map(
      ({ what, target, value, reached }) =>
        `| ${what} | ${target} | ${value} | ${reached ? 'yes' : 'no'} |`,
    ),
  ];
  return writeSection('dashboards', lines.join('\n'));
}
