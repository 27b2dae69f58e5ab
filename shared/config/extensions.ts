/**
 * `extensions:` with the environment over it.
 */
import type { ExtensionsSection } from '../../schemas/config/extensions.ts';
import type { Extensions, Intervals } from '../../schemas/config/model.ts';
import type { Environment } from './substitute.ts';

/** Variables that override an interval, in seconds. */
const overrides = {
  NODEPOOL_INTERVAL_CONFIG_CHECK: 'configCheckSeconds',
  NODEPOOL_INTERVAL_CLEANUP: 'cleanupSeconds',
  NODEPOOL_INTERVAL_DELETE: 'deleteSeconds',
  NODEPOOL_INTERVAL_REQUEST_LOCK_AGE: 'requestLockAgeSeconds',
  NODEPOOL_INTERVAL_CLOUD_POLL: 'cloudPollSeconds',
} as const satisfies Record<string, keyof Intervals>;

export function readExtensions(
  section: ExtensionsSection,
  environment: Environment,
  error: (variable: string, message: string) => void,
): Extensions {
  const { intervals } = section;
  const merged = {
    configCheckSeconds: intervals['config-check'],
    cleanupSeconds: intervals.cleanup,
    deleteSeconds: intervals.delete,
    requestLockAgeSeconds: intervals['request-lock-age'],
    cloudPollSeconds: intervals['cloud-poll'],
    resyncSeconds: intervals.resync,
  };
  for (const [variable, name] of Object.entries(overrides)) {
    const text = environment[variable];
    if (text === undefined || text === '') continue;
    const seconds = Number(text);
    if (Number.isFinite(seconds) && seconds >= 0.01) merged[name] = seconds;
    else error(variable, 'must be a number of seconds, at least 0.01');
  }
  return {
    zookeeper: { verifyHostname: section.zookeeper['verify-hostname'] },
    log: { format: section.log.format },
    intervals: merged,
    stopGraceSeconds: section['stop-grace'],
    drivers: section.drivers,
  };
}
