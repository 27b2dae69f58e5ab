/**
 * What the launcher has to reach against Python Nodepool 11 (the first milestone's figures).
 */
export interface Comparison {
  /** Medians by name; nested values are dotted. */
  readonly ours: Record<string, number>;
  readonly python: Record<string, number>;
  /** Of the least that any launcher could do, where it was measured. */
  readonly floor?: Record<string, number> | undefined;
  /** Ours divided by Python's. */
  readonly ratio: Record<string, number>;
  readonly runs: unknown;
}

export type Scenarios = Readonly<Record<string, Comparison>>;

export interface Verdict {
  readonly scenario: string;
  readonly what: string;
  /** `at most 0.0667`, ... */
  readonly target: string;
  readonly value: number | null;
  readonly reached: boolean;
}

interface Target {
  readonly scenario: string;
  readonly what: string;
  readonly value: (of: Comparison) => number | undefined;
  readonly atMost?: number;
  readonly atLeast?: number;
}

const ratio = (key: string) => (of: Comparison) => of.ratio[key];
const own = (key: string) => (of: Comparison) => of.ours[key];

/** ZooKeeper requests that the schema allows for a node: create, lock, store, hand out, delete. */
const MAX_PACKETS_A_NODE = 21;
/** A ping each third of a 10 second session. */
const MAX_IDLE_PACKETS_A_SECOND = 0.5;

const packetsPerNode = (of: Comparison): number | undefined => {
  const { zk_received: packets, nodes } = of.ours;
  return packets === undefined || !nodes ? undefined : packets / nodes;
};

const TARGETS: readonly Target[] = [
  { scenario: 'burst', what: 'p50 / python', value: ratio('latency_ms.p50'), atMost: 1 / 15 },
  {
    scenario: 'burst',
    what: 'requests a second / python',
    value: ratio('throughput'),
    atLeast: 10,
  },
  {
    scenario: 'closed',
    what: 'requests a second / python',
    value: ratio('throughput'),
    atLeast: 20,
  },
  { scenario: 'ready', what: 'p50 / python', value: ratio('latency_ms.p50'), atMost: 1 / 50 },
  ...['burst', 'closed', 'multi'].map((scenario) => ({
    scenario,
    what: 'ZooKeeper requests a node',
    value: packetsPerNode,
    atMost: MAX_PACKETS_A_NODE,
  })),
  ...['burst', 'closed'].map((scenario) => ({
    scenario,
    what: 'CPU a request / python',
    value: ratio('cpu_ms_per_request'),
    atMost: 1 / 8,
  })),
  { scenario: 'startup', what: 'start / python', value: ratio('startup_seconds'), atMost: 0.1 },
  {
    scenario: 'idle',
    what: 'ZooKeeper requests a second',
    value: own('zk_received_per_second'),
    atMost: MAX_IDLE_PACKETS_A_SECOND,
  },
  { scenario: 'idle', what: 'percent of a core', value: own('cpu_percent'), atMost: 0.2 },
  {
    scenario: 'quota',
    what: 'requests a second / python',
    value: ratio('throughput'),
    atLeast: 20,
  },
  ...['burst', 'closed', 'multi', 'ready', 'idle', 'startup', 'quota'].map((scenario) => ({
    scenario,
    what: 'memory / python',
    value: ratio('rss_mib'),
    atMost: 1,
  })),
  ...['burst', 'closed', 'multi', 'ready', 'quota'].map((scenario) => ({
    scenario,
    what: 'lost, failed or violated',
    value: faults,
    atMost: 0,
  })),
];

function faults({ ours }: Comparison): number | undefined {
  const { lost, failed, violations } = ours;
  if (lost === undefined || failed === undefined || violations === undefined) return undefined;
  return lost + failed + violations;
}

/** A verdict for each target of the scenarios that were run; no value counts as missed. */
export function judge(scenarios: Scenarios): Verdict[] {
  const verdicts: Verdict[] = [];
  for (const { scenario, what, value: read, atMost, atLeast } of TARGETS) {
    const comparison = scenarios[scenario];
    if (comparison === undefined) continue;
    const value = read(comparison);
    const isLow = atMost === undefined || (value !== undefined && value <= atMost);
    const isHigh = atLeast === undefined || (value !== undefined && value >= atLeast);
    verdicts.push({
      scenario,
      what,
      target:
        atMost === undefined
          ? `at least ${atLeast ?? 0}`
          : `at most ${Number(atMost.toPrecision(3))}`,
      value: value === undefined ? null : Number(value.toPrecision(3)),
      reached: isLow && isHigh,
    });
  }
  return verdicts;
}
