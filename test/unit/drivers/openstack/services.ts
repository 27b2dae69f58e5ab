/** The services of a cloud in memory, without a provider, a limit of calls or a network. */
import { ManualClock } from '../../../../fixtures/clock.ts';
import { OpenStackCloud } from '../../../../fixtures/openstack-cloud/cloud.ts';
import type { OpenStackCloudOptions } from '../../../../fixtures/openstack-cloud/ground.ts';
import { silentLogger, type LogFields, type Logger } from '../../../../shared/base/log.ts';
import type { Networking } from '../../../../shared/drivers/openstack/client/cloud-config.ts';
import type { Session } from '../../../../shared/drivers/openstack/client/service.ts';
import { openSession } from '../../../../shared/drivers/openstack/client/session.ts';
import { openServices, type CloudServices } from '../../../../shared/drivers/openstack/services.ts';
import { MEMORY_CLOUD } from './subject.ts';

export interface ServicesSubject {
  readonly clock: ManualClock;
  readonly cloud: OpenStackCloud;
  readonly session: Session;
  readonly services: CloudServices;
  readonly networking: Networking;
  /** Keeps warnings in `warnings`. */
  readonly log: Logger;
  readonly warnings: { readonly message: string; readonly fields: LogFields | undefined }[];
}

export const never = (): AbortSignal => new AbortController().signal;

/** How many calls of that name came. */
export function countOf(cloud: OpenStackCloud, call: string): number {
  return cloud.calls.filter((one) => one === call).length;
}

export async function servicesSubject(
  options: Partial<OpenStackCloudOptions> = {},
): Promise<ServicesSubject> {
  const clock = new ManualClock();
  const cloud = new OpenStackCloud({ clock, ...options });
  const warnings: ServicesSubject['warnings'] = [];
  const log: Logger = {
    ...silentLogger,
    warn: (message, fields) => {
      warnings.push({ message, fields });
    },
  };
  const session = openSession({
    ...{ config: MEMORY_CLOUD, clock, random: () => 0.5, log, environment: {} },
    ...{ callsPerSecond: Infinity, fetch: cloud.fetch },
  });
  const services = await openServices(session, never());
  cloud.calls.length = 0;
  return { clock, cloud, session, services, networking: MEMORY_CLOUD.networking, log, warnings };
}
