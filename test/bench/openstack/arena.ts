/** The real OpenStack services as an arena: all calls go through a proxy that counts them. */
import { CLOUD, IMAGE, PRIVATE, type Ground } from '../../real/openstack/ground.ts';
import { GOOD_ZONE } from '../../real/openstack/services.ts';
import { LABEL, LIMIT_SECONDS, type Arena } from '../contest/arena.ts';

/** A network whose addresses need no floating IP; floating IPs by way of a router. */
export const variants = ['direct', 'floating'] as const;
export type Variant = (typeof variants)[number];

export function openStackArena(ground: Ground, variant: Variant): Arena {
  const { proxy, tenant, folder, environment } = ground;
  return {
    ...{ folder, environment, provider: providerOf(ground, variant) },
    counts: () => proxy.counts(),
    forget: () => {
      proxy.forget();
    },
    census: () => tenant.census(),
    wipe: () => tenant.wipe(),
  };
}

function providerOf(ground: Ground, variant: Variant): Readonly<Record<string, unknown>> {
  const isFloating = variant === 'floating';
  const pool = {
    name: 'main',
    'max-servers': 100,
    networks: [isFloating ? PRIVATE : ground.direct],
    'auto-floating-ip': isFloating,
    'host-key-checking': false,
    'availability-zones': [GOOD_ZONE],
    labels: [{ name: LABEL, 'cloud-image': IMAGE, 'flavor-name': 'small' }],
  };
  return {
    name: 'real-cloud',
    driver: 'openstack',
    cloud: CLOUD,
    rate: 0.001,
    'boot-timeout': LIMIT_SECONDS,
    'cloud-images': [{ name: IMAGE, 'image-name': IMAGE }],
    pools: [pool],
  };
}
