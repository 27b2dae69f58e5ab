/**
 * `extensions:` with the environment over it.
 */
import type { ExtensionsSection } from '../../schemas/config/extensions.ts';
import type { BuilderExtension, Extensions, Intervals } from '../../schemas/config/model.ts';
import { without } from '../../schemas/config/camel.ts';
import { isMapping } from './mapping.ts';
import type { Environment } from './substitute.ts';

/** Variables that override an interval, in seconds. */
const overrides = {
  NODEPOOL_INTERVAL_CONFIG_CHECK: 'configCheckSeconds',
  NODEPOOL_INTERVAL_CLEANUP: 'cleanupSeconds',
  NODEPOOL_INTERVAL_DELETE: 'deleteSeconds',
  NODEPOOL_INTERVAL_REQUEST_LOCK_AGE: 'requestLockAgeSeconds',
  NODEPOOL_INTERVAL_CLOUD_POLL: 'cloudPollSeconds',
  NODEPOOL_INTERVAL_RESYNC: 'resyncSeconds',
  NODEPOOL_INTERVAL_IMAGE_CHECK: 'imageCheckSeconds',
  NODEPOOL_INTERVAL_BUILD_CHECK: 'buildCheckSeconds',
  NODEPOOL_INTERVAL_UPLOAD_CHECK: 'uploadCheckSeconds',
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
    imageCheckSeconds: intervals['image-check'],
    buildCheckSeconds: intervals['build-check'],
    uploadCheckSeconds: intervals['upload-check'],
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
    web: { adminTokenFile: section.web['admin-token-file'] },
    uploadWorkers: uploadWorkers(section, environment, error),
    builder: readBuilder(section.builder),
    drivers: withoutModules(section.drivers),
  };
}

/** Which module a driver is in, is no option of the driver. */
function withoutModules(drivers: ExtensionsSection['drivers']): Extensions['drivers'] {
  return Object.fromEntries(
    Object.entries(drivers).map(([name, options]) => {
      if (!isMapping(options)) return [name, options];
      return [name, without(options, 'module')];
    }),
  );
}

function readBuilder(section: ExtensionsSection['builder']): BuilderExtension {
  const { memory, ...container } = section.container;
  const { host, cpus, network, user } = container;
  return {
    web: { listenAddress: section.web['listen-address'], port: section.web.port },
    runner: section.runner,
    container: { ...container, host, cpus, memoryMib: memory, network, user },
    cacheDir: section['cache-dir'],
    isRebuiltOnChange: section['rebuild-on-change'],
  };
}

const UPLOAD_WORKERS = 'NODEPOOL_UPLOAD_WORKERS';

function uploadWorkers(
  section: ExtensionsSection,
  environment: Environment,
  error: (variable: string, message: string) => void,
): number {
  const text = environment[UPLOAD_WORKERS];
  if (text === undefined || text === '') return section['upload-workers'];
  if (/^\d{1,4}$/.test(text)) return Number(text);
  error(UPLOAD_WORKERS, 'must be a whole number, 0 or more');
  return section['upload-workers'];
}
