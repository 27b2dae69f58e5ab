/** What a launcher and the builders of the made-up cluster say of themselves. */
import type { LauncherExplanation } from '../../../schemas/explanation.ts';
import type {
  LauncherStatus,
  LaunchStatus,
  ProviderStatus,
  ResourceUse,
} from '../../../schemas/launcher-status.ts';
import type { BuilderActivity } from '../../../shared/web/dashboard/builder-types.ts';
import type { RequestRow } from '../../../shared/web/dashboard/types.ts';
import { LAUNCHERS, PROVIDERS } from './demo-rows.ts';
import { dice } from './dice.ts';

const REASONS = [
  {
    code: 'pool-waits-for-quota',
    text: 'a request before this one waits for quota in the pool',
    pool: 0,
  },
  {
    code: 'max-concurrency',
    text: 'the provider launches as many nodes at once as it may (max-concurrency)',
    pool: 1,
  },
  { code: 'label-offline', text: 'no provider that has the label is online', pool: 2 },
  { code: 'tenant-quota', text: 'the tenant uses as much as it may', pool: 0 },
] as const;

export function demoStatus(requests: readonly RequestRow[], now: number): LauncherStatus {
  const waiting = requests.filter(({ state }) => state === 'requested');
  const reasonOf = (index: number): (typeof REASONS)[number] =>
    REASONS[index % 17 === 0 ? 3 : index % 7 === 0 ? 2 : index % 3 === 0 ? 1 : 0];
  const chosen = waiting.map((request, index) => ({ id: request.id, ...reasonOf(index) }));
  return {
    launcher: LAUNCHERS[0],
    version: '0.1.0',
    now,
    is_current: true,
    is_draining: false,
    waiting: waiting.length,
    without_answer: 3,
    reasons: REASONS.flatMap(({ code, text, pool }) => {
      const own = chosen.filter((one) => one.code === code).map(({ id }) => id);
      const provider = PROVIDERS[pool];
      const where = { provider: provider.name, pool: provider.pools[0] };
      if (own.length === 0) return [];
      return [
        {
          ...where,
          answer: 'defer' as const,
          code,
          text,
          count: own.length,
          requests: own.slice(0, 10),
        },
      ];
    }).sort((a, b) => b.count - a.count),
    requests: chosen.slice(0, 2000).map(({ id, code, text }) => ({ id, code, reason: text })),
    serving: requests.length - waiting.length,
    providers: demoProviders(now),
    launches: demoLaunches(now),
  };
}

function demoProviders(now: number): ProviderStatus[] {
  const use = (
    resource: string,
    [used, reserved, limit]: readonly [number, number, number | null],
  ): ResourceUse => ({
    resource,
    used,
    reserved,
    limit,
  });
  const scales = [
    { instances: [412, 18, 440], cores: [3296, 144, 4000], ram: [6_750_208, 294_912, 8_192_000] },
    { instances: [180, 6, 300], cores: [1440, 48, 2400], ram: [2_949_120, 98_304, 4_915_200] },
    { instances: [120, 0, 120], cores: [960, 0, 1200], ram: [1_966_080, 0, 2_457_600] },
    { instances: [31, 4, 48], cores: [248, 32, 512], ram: [507_904, 65_536, 1_048_576] },
    { instances: [9, 0, null], cores: [0, 0, null], ram: [0, 0, null] },
  ] as const;
  return PROVIDERS.map(({ name, pools }, index) => {
    const scale = scales[index] ?? scales[0];
    const isAbsent = index === 3;
    return {
      name,
      driver: index === 4 ? 'static' : 'openstack',
      state: isAbsent ? 'absent' : index === 1 ? 'draining' : 'running',
      problem: isAbsent
        ? 'NP_CLOUD_UNREACHABLE: connect ECONNREFUSED 203.0.113.7:5000 (identity service)'
        : null,
      again_at: isAbsent ? now + 47 : null,
      launching: [18, 0, 0, 0, 0][index] ?? 0,
      deleting: [4, 2, 1, 0, 0][index] ?? 0,
      quota:
        index === 4
          ? []
          : [use('instances', scale.instances), use('cores', scale.cores), use('ram', scale.ram)],
      pools: pools.map((pool, at) => ({
        id: `${LAUNCHERS[0]}-${name}-${pool}`,
        name: pool,
        labels:
          at === 0
            ? ['debian-bookworm', 'ubuntu-noble', 'ubuntu-jammy', 'fedora-42']
            : ['ubuntu-noble-large'],
        paused: index === 2 && at === 0,
        quota: [use('max-servers', at === 0 ? [90 - 11 * index, 4, 100] : [12, 0, 20])],
      })),
    };
  });
}

/** Launches at all stages, some in their second try, some at their end. */
function demoLaunches(now: number): LaunchStatus[] {
  const roll = dice(3);
  return Array.from({ length: 44 }, (_, index) => {
    const begun = now - 8 - index * 6.3 - roll.upTo(8);
    const provider = PROVIDERS[index % 3] ?? PROVIDERS[0];
    const lengths = [
      0.3,
      index % 5 === 0 ? 20 + roll.upTo(30) : 0.4,
      0.2,
      22 + roll.upTo(40),
      4 + roll.upTo(6),
      3 + roll.upTo(9),
    ];
    const phases = [
      'beginning',
      'waiting-for-room',
      'making-record',
      'creating',
      'waiting-for-address',
      'scanning-host-keys',
    ] as const;
    const isAgain = index % 9 === 4;
    const steps: LaunchStatus['steps'] = [];
    let at = begun;
    const enter = (phase: LaunchStatus['steps'][number]['phase'], attempt: number | null): void => {
      if (at <= now) steps.push({ phase, since: at, attempt });
    };
    for (const [step, phase] of phases.entries()) {
      enter(phase, step < 3 ? null : 1);
      at += lengths[step] ?? 1;
    }
    if (isAgain) {
      enter('cleaning-up', 1);
      at += 5;
      enter('creating', 2);
      at += 30;
      enter('scanning-host-keys', 2);
      at += 6;
    }
    const isGivenUp = index % 13 === 12;
    const ended = at <= now ? at : null;
    if (ended !== null)
      steps.push({
        phase: isGivenUp ? 'given-up' : 'ready',
        since: ended,
        attempt: isAgain ? 2 : 1,
      });
    return {
      key: `launch-${index}`,
      request: `200-${String(48_000 + index).padStart(10, '0')}`,
      event_id: null,
      provider: provider.name,
      pool: provider.pools[0],
      label: roll.of(['debian-bookworm', 'ubuntu-noble', 'ubuntu-jammy', 'fedora-42']),
      node: steps.length > 2 ? String(4_210_000 - index).padStart(10, '0') : null,
      attempt: isAgain ? 2 : steps.length > 3 ? 1 : null,
      attempts: 3,
      problem: isGivenUp || isAgain ? 'no host keys: connect ETIMEDOUT 198.51.100.23:22' : null,
      steps,
      ended,
    };
  });
}

export function demoBuilders(now: number): BuilderActivity[] {
  const build = '0000000043';
  return [
    {
      host: 'nb01.ci.example.org',
      reachable: true,
      problem: null,
      builds: [
        {
          ...{
            image: 'debian-bookworm',
            build,
            formats: ['qcow2'],
            since: now - 840,
            log_bytes: 1_834_221,
          },
          step: { element: 'cache-url', phase: 'install.d', script: '50-install-packages' },
        },
      ],
      uploads: [],
    },
    {
      host: 'nb02.ci.example.org',
      reachable: true,
      problem: null,
      builds: [],
      uploads: [
        {
          ...{
            image: 'ubuntu-noble',
            build: '0000000042',
            provider: 'ovh-gra',
            upload: '0000000001',
          },
          ...{ sent_bytes: 2_147_483_648, total_bytes: 3_435_973_836, percent: 62.5 },
          ...{ bytes_per_second: 31_457_280, seconds_left: 41, seconds: 95 },
        },
      ],
    },
  ];
}

export function demoExplanation(request: RequestRow, now: number): LauncherExplanation {
  const isServed = request.state === 'pending';
  return {
    ...{
      launcher: LAUNCHERS[0],
      is_current: true,
      is_busy: false,
      request: request.id,
      state: request.state,
    },
    serving: isServed
      ? {
          id: `${LAUNCHERS[0]}-vexxhost-ca-ymq-main`,
          ...{
            provider: 'vexxhost-ca-ymq',
            pool: 'main',
            since: now - 50,
            before: { count: 0, requests: [] },
          },
          nodes: request.labels.map((label, index) => ({
            ...{
              label,
              phase: 'creating' as const,
              since: now - 30,
              node: request.nodes[index] ?? null,
            },
            ...{ attempt: 1, attempts: 3, problem: null, missing: [] },
          })),
        }
      : null,
    pools: isServed
      ? []
      : [
          {
            ...{
              id: 'a',
              provider: 'vexxhost-ca-ymq',
              pool: 'main',
              answer: 'defer',
              since: now - 300,
            },
            reasons: [
              {
                ...{
                  code: 'pool-waits-for-quota',
                  text: 'a request before this one waits for quota in the pool',
                },
                missing: [{ of: 'cloud', resource: 'cores', need: 8, left: 3 }],
              },
            ],
            before: { count: 12, requests: ['100-0000049000', '200-0000049001'] },
          },
          {
            ...{ id: 'b', provider: 'ovh-gra', pool: 'main', answer: 'decline', since: now - 290 },
            reasons: [
              { code: 'label-missing', text: 'the pool does not have the label', missing: [] },
            ],
            before: { count: 0, requests: [] },
          },
        ],
    absent: [
      {
        provider: 'linaro-arm',
        reason: 'connect ECONNREFUSED 203.0.113.7:5000',
        again_at: now + 40,
      },
    ],
  };
}
