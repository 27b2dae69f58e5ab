/** Random worlds for launchers, and what may happen in them. */
import fc from 'fast-check';
import type { LaunchEnd } from '../../support/memory-cloud.ts';
import type { FleetPlan, FleetProvider } from '../../support/memory-fleet.ts';

export const LABELS = {
  small: { instances: 1, cores: 1 },
  large: { instances: 1, cores: 4 },
  rare: { instances: 1, cores: 2 },
};
const names = Object.keys(LABELS) as (keyof typeof LABELS)[];
export const TENANT = 'acme';

const pool = fc.record({
  labels: fc.subarray(names, { minLength: 1 }),
  options: fc.record(
    {
      'max-servers': fc.integer({ min: 0, max: 4 }),
      'max-cores': fc.integer({ min: 1, max: 8 }),
      priority: fc.constantFrom(50, 100),
    },
    { requiredKeys: [] },
  ),
});

const provider: fc.Arbitrary<FleetProvider> = fc.record({
  limits: fc.record(
    { instances: fc.integer({ min: 1, max: 5 }), cores: fc.integer({ min: 1, max: 10 }) },
    { requiredKeys: [] },
  ),
  foreign: fc.constantFrom({}, { instances: 1, cores: 1 }),
  options: fc.record({ 'max-concurrency': fc.constantFrom(-1, 0, 1, 2) }, { requiredKeys: [] }),
  pools: fc.array(pool, { minLength: 1, maxLength: 2 }),
});

/** What happens in one step. Numbers choose among what there is. */
export const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('submit' as const),
      /** At the same moment. */
      count: fc.integer({ min: 1, max: 4 }),
      node_types: fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }),
      priority: fc.constantFrom('100', '200', '300'),
      relative_priority: fc.nat(3),
      provider: fc.constantFrom(null, null, null, 'p0', 'p1', 'nowhere'),
      tenant_name: fc.constantFrom(null, TENANT),
      reuse: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('end-launch' as const),
      which: fc.nat(20),
      how: fc.constantFrom<LaunchEnd>('ready', 'ready', 'ready', 'failed', 'full'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('use' as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat(20) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('reprioritise' as const),
      which: fc.nat(20),
      relative_priority: fc.nat(9),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('give-back' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('drain' as const),
      kind: fc.constantFrom('provider', 'provider', 'launcher'),
      which: fc.nat(1),
      isDrained: fc.constantFrom(true, true, false),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(12_000) }) },
);
export type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Launchers and their providers. */
export const fleets = fc
  .record({
    launchers: fc.array(fc.array(provider, { minLength: 1, maxLength: 2 }), {
      minLength: 1,
      maxLength: 2,
    }),
    tenants: fc.constantFrom([], [{ 'tenant-name': TENANT, 'max-cores': 6 }]),
    seed: fc.nat(1000),
  })
  .map((plan): FleetPlan => ({ ...plan, labels: LABELS }));
