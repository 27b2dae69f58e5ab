/** What a process tells of its connection to ZooKeeper: times of calls, and what the client counts. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import { sampleOf, type Sample } from '../telemetry/metric.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import * as names from '../telemetry/names/process.ts';
import type { ZooKeeperClient } from '../zookeeper/client.ts';
import { requestChannel, type RequestMessage } from '../zookeeper/diagnostics.ts';
import type { SessionState } from '../zookeeper/types.ts';

/** `expired` passes at once, so nobody ever sees it. */
const STATES: readonly SessionState[] = ['connecting', 'connected', 'suspended', 'closed'];

/** Times every reply in this process until the answer is called. */
export function timeZooKeeper(metrics: Metrics): () => void {
  const listener = (message: unknown): void => {
    const { operation, durationMs, errorNumber } = message as RequestMessage;
    metrics.timing(names.zookeeperTime, { operation }, durationMs);
    if (errorNumber === 0) return;
    metrics.increment(names.zookeeperErrors, { operation, error: String(errorNumber) });
  };
  subscribe(requestChannel.name, listener);
  return () => {
    unsubscribe(requestChannel.name, listener);
  };
}

export function zooKeeperSamples({ state, calls, counters }: ZooKeeperClient): Sample[] {
  return [
    ...STATES.map((one) => sampleOf(names.zookeeperState, { state: one }, one === state ? 1 : 0)),
    sampleOf(names.zookeeperOutstanding, {}, calls.sent),
    sampleOf(names.zookeeperConnections, {}, counters.connections),
    sampleOf(names.zookeeperExpiries, {}, counters.expiries),
    sampleOf(names.zookeeperEvents, {}, counters.events),
    sampleOf(names.zookeeperSent, {}, counters.bytesSent),
    sampleOf(names.zookeeperReceived, {}, counters.bytesReceived),
  ];
}
