/** All checks, in the order in which they are told of. */
import { certificates } from './checks/certificates.ts';
import { cloudChecks } from './checks/clouds.ts';
import { configuration } from './checks/configuration.ts';
import { disk, images } from './checks/images.ts';
import { locks } from './checks/locks.ts';
import { daemons, labels } from './checks/members.ts';
import { nodes } from './checks/nodes.ts';
import { requests } from './checks/requests.ts';
import { servers } from './checks/servers.ts';
import { session } from './checks/session.ts';
import { web } from './checks/web.ts';
import type { Ground } from './ground.ts';
import { Skipped } from './model.ts';
import type { Check } from './run.ts';

const GENERAL: readonly Check[] = [
  configuration,
  servers,
  certificates,
  session,
  daemons,
  labels,
  requests,
  locks,
  nodes,
  images,
  disk,
  web,
];

export async function checksFor(ground: Ground): Promise<Check[]> {
  const { hasClouds, provider } = ground.options;
  if (!hasClouds) return [...GENERAL, skipped('providers', '--no-clouds')];
  try {
    const config = await ground.config();
    const clouds = cloudChecks(config).filter(
      ({ name }) => provider === undefined || name === `provider ${provider}`,
    );
    return [...GENERAL, ...clouds];
  } catch (error) {
    if (!(error instanceof Skipped)) throw error;
    return [...GENERAL, skipped('providers', error.message)];
  }
}

function skipped(name: string, reason: string): Check {
  return { name, run: () => Promise.reject(new Skipped(reason)) };
}
