/**
 * The configuration of the launchers of a fault run. Each has a cloud of its own with two pools and a rack
 * of static hosts; all have one metastatic provider together, whose backing nodes any of the clouds
 * makes. All offer the same labels. Limits are small, so that they are reached; pauses are short, so
 * that a minute tells something.
 */
import type { FleetConfigOptions } from './fleet-options.ts';
import { cloudProvider, metastaticProvider, rackProvider } from './fleet-providers.ts';

export const SESSION_SECONDS = 4;

/** Ready nodes that are kept of the label `small`. */
export const MIN_READY = 2;

/** A tenant with a limit, and the most nodes that one launcher may let it have. */
export const SMALL_TENANT = { name: 'tenant-two', instances: 4 } as const;

/** JSON is YAML. */
export function fleetConfig(options: FleetConfigOptions): string {
  const { zookeeper, tls, cloudUrl } = options;
  const sections = {
    'zookeeper-servers': zookeeper.map((server) => {
      const [host = '', port = ''] = server.split(':');
      return { host, port: Number(port) };
    }),
    'zookeeper-tls': { cert: tls.cert, key: tls.key, ca: tls.ca },
    'zookeeper-timeout': SESSION_SECONDS,
    labels: [
      { name: 'small', 'min-ready': MIN_READY },
      ...['large', 'host', 'slot', 'metal', 'spare'].map((name) => ({ name })),
    ],
    'tenant-resource-limits': [
      { 'tenant-name': SMALL_TENANT.name, 'max-servers': SMALL_TENANT.instances },
    ],
    providers: [cloudProvider(options), rackProvider(options), metastaticProvider()],
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
