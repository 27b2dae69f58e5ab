/** What provider sections share beside images and pools. */
import { flag, fraction, free, loose, text, whole } from '../../kit.ts';

export const providerOptions = {
  name: loose('Unique name. A name that starts with `fake` makes the driver `fake`.'),
  driver: text('Which driver serves the provider.').default('openstack'),
  'max-concurrency': whole(
    'Launches at once over all pools. Negative: no limit. 0: the provider takes no requests.',
  ).default(-1),
  priority: whole('Priority of the pools that name none. Lower is preferred.').optional(),
};

/** Options of a launch; the defaults differ by driver. All in seconds but the retries. */
export const launchOptions = (bootTimeoutSeconds: number) => ({
  'boot-timeout': whole('Seconds for the key scan once a node has its address.').default(
    bootTimeoutSeconds,
  ),
  'launch-timeout': whole('Seconds for one attempt to launch a node.').default(3600),
  'launch-retries': whole('Launch attempts in all.').default(3),
});

/** What `launchOptions` gave, in the model's words. */
export function launchReading(section: {
  'boot-timeout': number;
  'launch-timeout': number;
  'launch-retries': number;
}): { bootTimeoutSeconds: number; launchTimeoutSeconds: number; launchRetries: number } {
  return {
    bootTimeoutSeconds: section['boot-timeout'],
    launchTimeoutSeconds: section['launch-timeout'],
    launchRetries: section['launch-retries'],
  };
}

/** A rate in calls per second, where 0 means no limit. */
export function callsPerSecond(rate: number): number {
  return rate > 0 ? rate : Infinity;
}

/** Options of a launch and the rate of calls to the cloud. */
export const timingOptions = (defaults: {
  bootTimeoutSeconds: number;
  callsPerSecond: number;
}) => ({
  rate: fraction('Calls per second. 0: no limit.').default(defaults.callsPerSecond),
  ...launchOptions(defaults.bootTimeoutSeconds),
});

/** What `timingOptions` gave, in the model's words. */
export function timingReading(section: Parameters<typeof launchReading>[0] & { rate: number }) {
  return { ...launchReading(section), callsPerSecond: callsPerSecond(section.rate) };
}

/** Of drivers that have no options for it. */
export const fixedTiming = {
  launchTimeoutSeconds: 3600,
  bootTimeoutSeconds: 60,
  callsPerSecond: Infinity,
};

export const dynamic = (what: string) =>
  free(
    `${what}, as Python format strings over the request: \`{request.id}\`, \`{request.tenant_name}\`, ...`,
  );

const useInternalIp = () => flag('Connect to the private address, even where a public one exists.');

export const hostKeyChecking = () =>
  flag('Wait for the port and read the host keys of new nodes. Off: a node is ready when made.');

/** How nodes are reached, where nothing stands above the section. */
export const accessDefaults = () => ({
  'use-internal-ip': useInternalIp().default(false),
  'host-key-checking': hostKeyChecking().default(true),
});

/** The same of a pool, whose provider has the defaults. */
export const accessOptions = () => ({
  'use-internal-ip': useInternalIp().optional(),
  'host-key-checking': hostKeyChecking().optional(),
});
