/** What `nodepool top` may know: a busy site to be read by eye, and anything at all. */
import fc from 'fast-check';

import type {
  LaunchStatus,
  LauncherStatus,
  ProviderStatus,
} from '../../../../schemas/launcher-status.ts';
import { nodePhases } from '../../../../schemas/explanation.ts';
import type { BuilderAnswer, Process, Stored, TopData } from '../../../../shared/cli/top/model.ts';
import { quietStatus } from '../../../support/launcher-status.ts';

export const NOW = 1_800_000_000;

export const emptyStored: Stored = {
  ...{ nodes: new Map(), nodesInTheMaking: [], requests: new Map(), wanted: [] },
  ...{ builds: [], uploads: [], pools: [] },
};

export function dataOf(fields: Partial<TopData> = {}): TopData {
  return { now: NOW, isCurrent: true, stored: emptyStored, launchers: [], builders: [], ...fields };
}

export function launcherOf(status: Partial<LauncherStatus>, name = 'one'): Process<LauncherStatus> {
  const answer = quietStatus({ launcher: name, ...status });
  return { name, state: 'running', version: '1.0', answer, problem: undefined };
}

export function silentLauncher(problem: string, name = 'old'): Process<LauncherStatus> {
  return { name, state: 'running', version: '11.0.0', answer: undefined, problem };
}

export function builderOf(
  answer: Partial<BuilderAnswer>,
  name = 'builder',
): Process<BuilderAnswer> {
  const whole = { builds: [], uploads: [], ...answer };
  return { name, state: 'running', version: '1.0', answer: whole, problem: undefined };
}

export function launchOf(fields: Partial<LaunchStatus> = {}): LaunchStatus {
  return {
    ...{ key: '1', request: '100-0000000001', event_id: null, provider: 'cloud', pool: 'main' },
    ...{ label: 'small', node: '0000000001', attempt: 1, attempts: 3, problem: null, ended: null },
    steps: [
      { phase: 'beginning', since: NOW - 65, attempt: null },
      { phase: 'creating', since: NOW - 60, attempt: 1 },
    ],
    ...fields,
  };
}

export function providerOf(fields: Partial<ProviderStatus> = {}): ProviderStatus {
  return {
    ...{ name: 'cloud', driver: 'fake', state: 'running', problem: null, again_at: null },
    ...{ launching: 0, deleting: 0, quota: [], pools: [] },
    ...fields,
  };
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('größer', '日本語', '🚀'),
);
const amount = fc.oneof(
  fc.integer({ min: -5, max: 20_000 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const since = fc.integer({ min: NOW - 1e6, max: NOW + 100 });
const use = fc.record({ resource: text, used: amount, reserved: amount, limit: fc.option(amount) });

const launch: fc.Arbitrary<LaunchStatus> = fc.record({
  ...{
    key: text,
    request: text,
    event_id: fc.option(text),
    provider: text,
    pool: text,
    label: text,
  },
  ...{
    node: fc.option(text),
    attempt: fc.option(fc.nat()),
    attempts: fc.nat(),
    problem: fc.option(text),
  },
  steps: fc.array(
    fc.record({ phase: fc.constantFrom(...nodePhases), since, attempt: fc.option(fc.nat()) }),
    { maxLength: 3 },
  ),
  ended: fc.option(since),
});

const provider: fc.Arbitrary<ProviderStatus> = fc.record({
  ...{ name: text, driver: text, problem: fc.option(text), again_at: fc.option(since) },
  state: fc.constantFrom('running', 'starting', 'absent', 'draining'),
  ...{ launching: fc.nat(), deleting: fc.nat(), quota: fc.array(use, { maxLength: 3 }) },
  pools: fc.array(
    fc.record({
      ...{ id: text, name: text, labels: fc.array(text, { maxLength: 2 }), paused: fc.boolean() },
      quota: fc.array(use, { maxLength: 2 }),
    }),
    { maxLength: 3 },
  ),
});

const status: fc.Arbitrary<LauncherStatus> = fc.record({
  ...{
    launcher: text,
    version: text,
    now: since,
    is_current: fc.boolean(),
    is_draining: fc.boolean(),
  },
  ...{ waiting: fc.nat(), without_answer: fc.nat(), requests: fc.constant([]), serving: fc.nat() },
  reasons: fc.array(
    fc.record({
      ...{ provider: text, pool: text, code: text, text, count: fc.nat() },
      ...{ answer: fc.constantFrom('defer', 'decline'), requests: fc.constant([]) },
    }),
    { maxLength: 30 },
  ),
  providers: fc.array(provider, { maxLength: 10 }),
  launches: fc.array(launch, { maxLength: 40 }),
});

const work = fc.record({ name: text, provider: text, what: text, since });
const counts = (key: fc.Arbitrary<string>): fc.Arbitrary<Map<string, number>> =>
  fc.array(fc.tuple(key, fc.nat(20_000)), { maxLength: 8 }).map((pairs) => new Map(pairs));

const stored: fc.Arbitrary<Stored> = fc.record({
  nodes: fc
    .array(fc.tuple(text, counts(fc.oneof(text, fc.constantFrom('ready', 'in-use')))), {
      maxLength: 10,
    })
    .map((pairs) => new Map(pairs)),
  nodesInTheMaking: fc.array(work, { maxLength: 20 }),
  requests: counts(fc.constantFrom('requested', 'pending', 'fulfilled', 'failed')),
  wanted: fc.array(fc.tuple(text, fc.nat()), { maxLength: 20 }),
  builds: fc.array(work, { maxLength: 5 }),
  uploads: fc.array(work, { maxLength: 5 }),
  pools: fc.array(
    fc.record({
      ...{ provider: text, name: text, host: text, isPaused: fc.boolean() },
      labels: fc.array(text, { maxLength: 4 }),
    }),
    { maxLength: 10 },
  ),
});

const builder: fc.Arbitrary<BuilderAnswer> = fc.record({
  builds: fc.array(
    fc.record({
      ...{
        image: text,
        build: text,
        formats: fc.array(text, { maxLength: 2 }),
        since,
        log_bytes: fc.nat(),
      },
      step: fc.option(fc.record({ element: fc.option(text), phase: text, script: text })),
    }),
    { maxLength: 4 },
  ),
  uploads: fc.array(
    fc.record({
      ...{ image: text, build: text, provider: text, upload: text, sent_bytes: fc.nat() },
      ...{ total_bytes: fc.nat(), percent: amount, bytes_per_second: fc.nat() },
      ...{ seconds_left: fc.option(fc.nat()), seconds: fc.nat() },
    }),
    { maxLength: 4 },
  ),
});

function process<T>(answer: fc.Arbitrary<T>): fc.Arbitrary<Process<T>> {
  return fc.record({
    ...{ name: text, state: text, version: fc.option(text, { nil: undefined }) },
    answer: fc.option(answer, { nil: undefined }),
    problem: fc.option(text, { nil: undefined }),
  });
}

export const anyData: fc.Arbitrary<TopData> = fc.record({
  ...{ now: fc.constant(NOW), isCurrent: fc.boolean(), stored },
  launchers: fc.array(process(status), { maxLength: 3 }),
  builders: fc.array(process(builder), { maxLength: 3 }),
});
