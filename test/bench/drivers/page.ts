/** The section of docs/performance.md about what each driver costs a launcher. */
import { writeSection } from '../performance-page.ts';
import type { DriversResult } from './result.ts';

export function writeDriversSection(result: DriversResult): Promise<void> {
  const { date, cores, node, load1, rounds, drivers } = result;
  const lines = [
    `${date.slice(0, 10)}, ${cores} cores (which the clouds in memory take, too), Node ${node}, load ${load1} before;`,
    `medians of ${rounds} rounds, in each of which every driver had its turn.`,
    '',
    '| driver | start, s | / static | CPU of the start, ms | / static | memory, MiB | / static |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...Object.entries(drivers).map(([name, { figures, ratio }]) => {
      const cells = [
        ...[figures.start_seconds, ratio.start_seconds, figures.start_cpu_ms, ratio.start_cpu_ms],
        ...[figures.rss_mib, ratio.rss_mib],
      ];
      return `| ${name} | ${cells.join(' | ')} |`;
    }),
  ];
  return writeSection('drivers', lines.join('\n'));
}
