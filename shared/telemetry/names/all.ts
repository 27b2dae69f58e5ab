/** All metrics, by the program that tells them: for the page of reference, and for the registry. */
import type { Metric } from '../metric.ts';
import * as images from './images.ts';
import * as launches from './launches.ts';
import * as nodes from './nodes.ts';
import * as process from './process.ts';

export type Program = 'launcher' | 'builder';

export interface MetricGroup {
  readonly title: string;
  readonly programs: readonly Program[];
  readonly metrics: readonly Metric[];
}

const ofLaunchersOnly: readonly Metric[] = [process.zookeeperQueue, process.zookeeperCacheQueue];

export const metricGroups: readonly MetricGroup[] = [
  { title: 'Nodes, providers, limits', programs: ['launcher'], metrics: Object.values(nodes) },
  { title: 'Requests and launches', programs: ['launcher'], metrics: Object.values(launches) },
  { title: "The launcher's caches", programs: ['launcher'], metrics: ofLaunchersOnly },
  { title: 'Disk images and uploads', programs: ['builder'], metrics: Object.values(images) },
  {
    title: 'The process, ZooKeeper, calls to clouds',
    programs: ['launcher', 'builder'],
    metrics: Object.values(process).filter((one) => !ofLaunchersOnly.includes(one)),
  },
];

/** Those that the program tells in Prometheus. */
export function metricsOf(program: Program): readonly Metric[] {
  return metricGroups
    .filter(({ programs }) => programs.includes(program))
    .flatMap(({ metrics }) => metrics)
    .filter(({ isBounded }) => isBounded !== false);
}
