/**
 * The configuration of the launchers of a fault run: each has a provider of its own with two pools,
 * all offer the same labels. Limits are small, so that they are reached; pauses are short, so that a
 * minute tells something.
 */
import type { TlsFiles } from '../../shared/zookeeper/tls.ts';

export const LABELS = ['small', 'large'] as const;

/** Ready nodes that are kept of the label `small`. */
export const MIN_READY = 2;

/** The most nodes of each pool: what the reader holds the launchers to. */
export const POOL_LIMITS: Readonly<Record<string, number>> = { main: 6, extra: 3 };

/** The most servers of each cloud. Below what the pools may have together, so that it is reached. */
export const CLOUD_LIMIT = 8;

export const SESSION_SECONDS = 4;

/** What a reload changes; nothing of it may disturb anybody. */
export interface ConfigVariant {
  readonly launchTimeoutSeconds: number;
  readonly maxConcurrency: number;
  readonly priority: number;
}

export const FIRST_VARIANT: ConfigVariant = {
  launchTimeoutSeconds: 20,
  maxConcurrency: -1,
  priority: 100,
};

export interface FleetConfigOptions {
  /** `host:port` each. */
  readonly zookeeper: readonly string[];
  readonly tls: TlsFiles;
  readonly provider: string;
  readonly cloudUrl: string;
  readonly variant: ConfigVariant;
}

/** JSON is YAML. */
export function fleetConfig(options: FleetConfigOptions): string {
  const { zookeeper, tls, provider, cloudUrl, variant } = options;
  const sections = {
    'zookeeper-servers': zookeeper.map((server) => {
      const [host = '', port = ''] = server.split(':');
      return { host, port: Number(port) };
    }),
    'zookeeper-tls': { cert: tls.cert, key: tls.key, ca: tls.ca },
    'zookeeper-timeout': SESSION_SECONDS,
    labels: LABELS.map((name) => ({ name, 'min-ready': name === 'small' ? MIN_READY : 0 })),
    providers: [
      {
        name: provider,
        driver: 'fake',
        cloud: 'fake',
        'region-name': 'region-one',
        rate: 0.0001,
        'launch-retries': 8,
        'launch-timeout': variant.launchTimeoutSeconds,
        'max-concurrency': variant.maxConcurrency,
        'cloud-images': [{ name: 'image', 'image-name': 'Fake Precise' }],
        pools: Object.entries(POOL_LIMITS).map(([name, limit]) => ({
          name,
          'max-servers': limit,
          priority: variant.priority,
          labels: LABELS.map((label) => ({
            name: label,
            'cloud-image': 'image',
            'min-ram': 8192,
          })),
        })),
      },
    ],
    extensions: {
      'stop-grace': 5,
      intervals: {
        cleanup: 2,
        delete: 0.5,
        'config-check': 1,
        'request-lock-age': 20,
      },
      drivers: { fake: { server: cloudUrl } },
    },
  };
  return JSON.stringify(sections, undefined, 2);
}
