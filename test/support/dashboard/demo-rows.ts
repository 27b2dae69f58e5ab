/**
 * Rows of a made-up cluster, of any size and the same each time, as the event stream tells them.
 */
import type {
  BuildRow,
  ComponentRow,
  ImageRow,
  NodeRow,
  RequestRow,
  UploadRow,
} from '../../../shared/web/dashboard/types.ts';
import { dice, type Dice } from './dice.ts';

export const LABELS = [
  'debian-bookworm',
  'ubuntu-noble',
  'ubuntu-noble-large',
  'ubuntu-jammy',
  'centos-9-stream',
  'fedora-42',
  'rockylinux-9',
  'debian-bookworm-arm64',
] as const;

export const PROVIDERS = [
  { name: 'vexxhost-ca-ymq', pools: ['main', 'large'] },
  { name: 'rackspace-dfw', pools: ['main'] },
  { name: 'ovh-gra', pools: ['main', 'nested'] },
  { name: 'linaro-arm', pools: ['arm64'] },
  { name: 'lab-hosts', pools: ['bare-metal'] },
] as const;

export const LAUNCHERS = ['nl01.ci.example.org', 'nl02.ci.example.org'] as const;
const TENANTS = ['openstack', 'zuul', 'example'] as const;
const JOBS = ['tempest-full', 'unit-tests', 'build-docs', 'integration'] as const;

/** How many of a hundred nodes are in which state. */
const STATES: readonly (readonly [state: string, share: number])[] = [
  ['in-use', 62],
  ['ready', 14],
  ['building', 13],
  ['used', 3],
  ['deleting', 5],
  ['hold', 2],
  ['failed', 1],
];

export interface DemoSize {
  readonly nodes: number;
  readonly requests: number;
}

export function demoNodes({ nodes }: DemoSize, now: number): NodeRow[] {
  const roll = dice(7);
  return Array.from({ length: nodes }, (_, index) => demoNode(index, roll, now));
}

function demoNode(index: number, roll: Dice, now: number): NodeRow {
  const id = String(4_200_000 + index).padStart(10, '0');
  const state = shared(STATES, roll.upTo(100));
  const provider = PROVIDERS[roll.upTo(10) < 8 ? roll.upTo(3) : 3 + roll.upTo(2)] ?? PROVIDERS[0];
  const label =
    provider.name === 'linaro-arm' ? 'debian-bookworm-arm64' : roll.of(LABELS.slice(0, 7));
  const isUsed = state === 'in-use' || state === 'used';
  const hasAddress = state !== 'building';
  return {
    id,
    provider: provider.name,
    pool: roll.of(provider.pools),
    labels: [label],
    state,
    state_time: now - ageIn(state, roll),
    locked: isUsed || state === 'building' || state === 'deleting',
    allocated_to:
      isUsed || state === 'building' ? `200-${String(index % 5000).padStart(10, '0')}` : null,
    hostname: `np-${label}-${id.slice(3)}`,
    public_ipv4: hasAddress ? `198.51.${(index >> 8) & 255}.${index & 255}` : null,
    private_ipv4: hasAddress ? `10.4.${(index >> 8) & 255}.${index & 255}` : null,
    public_ipv6: null,
    az: roll.of(['az1', 'az2', null]),
    external_id: `7d0c${index.toString(16).padStart(4, '0')}-2f3a-4b1e-9c55-8e1f0a6b7c21`,
    launcher: roll.of(LAUNCHERS),
    hold_job: state === 'hold' ? `${roll.of(TENANTS)} ${roll.of(JOBS)}` : null,
    comment: state === 'hold' ? 'kept for a look at a flaky test' : null,
    requestor: isUsed ? 'zuul' : null,
    tenant: isUsed ? roll.of(TENANTS) : null,
  };
}

function ageIn(state: string, roll: Dice): number {
  if (state === 'building' || state === 'deleting') return 2 + roll.upTo(150);
  if (state === 'hold') return 3600 + roll.upTo(200_000);
  return 20 + roll.upTo(7200);
}

function shared(parts: typeof STATES, at: number): string {
  let sum = 0;
  for (const [name, share] of parts) {
    sum += share;
    if (at < sum) return name;
  }
  return 'ready';
}

export function demoRequests({ requests }: DemoSize, now: number): RequestRow[] {
  const roll = dice(11);
  return Array.from({ length: requests }, (_, index) => {
    const isServed = index < requests / 5;
    const label = roll.of(LABELS);
    const asked = now - 30 - (requests - index) - roll.upTo(60);
    return {
      id: `${index % 3 === 0 ? 100 : 200}-${String(48_000 + index).padStart(10, '0')}`,
      state: isServed ? 'pending' : 'requested',
      state_time: isServed ? asked + 12 : asked,
      created_time: asked,
      priority: roll.upTo(6),
      requestor: 'zuul-scheduler',
      labels: roll.upTo(4) === 0 ? [label, label, roll.of(LABELS)] : [label],
      nodes: isServed ? [String(4_200_000 + index).padStart(10, '0')] : [],
      declined_by: [],
      event_id: `${(0xa1b2c3d4 + index).toString(16)}e5f64a1b8c9d0e1f2a3b4c5d`,
      tenant: roll.of(TENANTS),
    };
  });
}

export function demoImages(now: number): {
  images: ImageRow[];
  builds: BuildRow[];
  uploads: UploadRow[];
} {
  const roll = dice(5);
  const names = LABELS.filter((label) => !label.endsWith('large'));
  const images = names.map((id, index) => ({
    id,
    paused: index === 3,
    build_request: index === 0 ? ('building' as const) : index === 5 ? ('pending' as const) : null,
    build_request_time: index === 0 || index === 5 ? now - 900 : null,
  }));
  const builds: BuildRow[] = [];
  const uploads: UploadRow[] = [];
  for (const [index, image] of names.entries()) {
    for (const number of index === 0 ? [41, 42, 43] : [41, 42]) {
      const build = String(number).padStart(10, '0');
      const isBuilding = number === 43;
      const state = isBuilding ? 'building' : index === 4 && number === 42 ? 'failed' : 'ready';
      builds.push({
        ...{ id: `${image}-${build}`, image, build, state },
        builder: `nb0${1 + (index % 2)}.ci.example.org`,
        formats: index % 2 === 0 ? ['qcow2'] : ['qcow2', 'raw'],
        state_time: isBuilding ? now - 840 : now - 86_400 * (43 - number) - roll.upTo(20_000),
        paused: index === 3,
      });
      if (state !== 'ready') continue;
      for (const { name } of PROVIDERS.slice(0, 3)) {
        const isSending = index === 1 && number === 42 && name === 'ovh-gra';
        uploads.push({
          ...{ id: `${image}/${build}/${name}/0000000001`, image, build, provider: name },
          upload: '0000000001',
          external_name: `${image}-${1_790_000_000 + number}`,
          external_id: isSending ? null : `0f1e2d3c-${build.slice(6)}`,
          state: isSending ? 'uploading' : 'ready',
          state_time: isSending ? now - 95 : now - 80_000,
        });
      }
    }
  }
  return { images, builds, uploads };
}

export function demoComponents(): ComponentRow[] {
  const ours = '0.1.0';
  const pools = PROVIDERS.flatMap(({ name, pools: of }) =>
    of.map((pool) => ({
      id: `pool/${LAUNCHERS[0]}-${name}-${pool}`,
      kind: 'pool',
      hostname: LAUNCHERS[0],
      state: 'running',
      version: ours,
      labels: LABELS.slice(0, 4),
      paused: name === 'ovh-gra' && pool === 'main',
      provider: name,
      pool,
    })),
  );
  return [
    {
      id: 'launcher/nl01',
      kind: 'launcher',
      hostname: LAUNCHERS[0],
      state: 'running',
      version: ours,
    },
    {
      id: 'launcher/nl02',
      kind: 'launcher',
      hostname: LAUNCHERS[1],
      state: 'running',
      version: '11.0.0',
    },
    {
      id: 'builder/nb01',
      kind: 'builder',
      hostname: 'nb01.ci.example.org',
      state: 'running',
      version: ours,
    },
    {
      id: 'builder/nb02',
      kind: 'builder',
      hostname: 'nb02.ci.example.org',
      state: 'running',
      version: ours,
    },
    ...pools,
  ];
}
