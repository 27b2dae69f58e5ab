/** What open dashboards may cost. */
import type { DashboardsResult } from './result.ts';

export interface DashboardsVerdict {
  readonly what: string;
  readonly target: string;
  readonly value: number;
  readonly reached: boolean;
}

const LEAST_THROUGHPUT = 0.95;
const MOST_LATENCY = 1.05;
/** What the machine is busy with beside hardly moves it. */
const MOST_CPU = 1.05;

export function judgeDashboards({ ratio, lost }: DashboardsResult): DashboardsVerdict[] {
  const { requests_per_second: throughput, p50_ms: latency, cpu_ms_per_request: cpu } = ratio;
  return [
    {
      what: 'requests a second, with / without',
      target: `at least ${LEAST_THROUGHPUT}`,
      value: throughput,
      reached: throughput >= LEAST_THROUGHPUT,
    },
    {
      what: 'p50, with / without',
      target: `at most ${MOST_LATENCY}`,
      value: latency,
      reached: latency <= MOST_LATENCY,
    },
    {
      what: "launcher's CPU a request, with / without",
      target: `at most ${MOST_CPU}`,
      value: cpu,
      reached: cpu <= MOST_CPU,
    },
    { what: 'streams lost', target: 'at most 0', value: lost, reached: lost === 0 },
  ];
}
