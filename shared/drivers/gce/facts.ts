/** What must be so before the first launch: the region is there, and the zone is in it. */
import { CloudError, hasCode, messageOf } from '../../base/errors.ts';
import { listed } from '../../cloud/listed.ts';
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import type { Regions } from './client/regions.ts';
import type { GcePlace } from './client/place.ts';
import { lastPart } from './ids.ts';

/** @throws CloudError NP_CLOUD_FATAL where project, region or zone are wrong. */
export async function checkPlace(
  { name, place: section }: ProviderConfig,
  { project, region, zone }: GcePlace,
  regions: Pick<Regions, 'get'>,
  signal: AbortSignal,
): Promise<void> {
  const fatal = (problem: string, hint: string): CloudError =>
    new CloudError('NP_CLOUD_FATAL', `provider ${name}: ${problem}`, {
      hint: `${hint} at ${section}`,
    });
  const found = await regions.get(signal).catch((error: unknown) => {
    if (!hasCode(error, 'NP_CLOUD_NOT_FOUND')) throw error;
    const problem = `there is no project ${project} with a region ${region}: ${messageOf(error)}`;
    throw fatal(problem, 'correct project and region');
  });
  const zones = found.zones.map(lastPart);
  if (zones.length === 0 || zones.includes(zone)) return;
  throw fatal(
    `zone ${zone} is not in region ${region}, which has: ${listed(zones)}`,
    'correct zone',
  );
}
