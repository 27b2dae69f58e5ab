/** What a new configuration would change, put together. Pure: two configurations and what is there. */
import type { Config } from '../../../schemas/config/model.ts';
import { daemonChanges } from './daemons.ts';
import { hostChanges } from './hosts.ts';
import { imageChanges } from './images.ts';
import { labelChanges } from './labels.ts';
import { limitChanges } from './limits.ts';
import type { Plan, Snapshot } from './model.ts';
import { nodeChanges } from './nodes.ts';
import { providerChanges } from './providers.ts';
import { requestChanges } from './requests.ts';

/** `snapshot`: undefined where ZooKeeper is not asked. */
export function planFor(before: Config, after: Config, snapshot: Snapshot | undefined): Plan {
  const changes = [
    ...daemonChanges(before, after),
    ...providerChanges(before, after),
    ...labelChanges(before, after, snapshot),
    ...(snapshot ? nodeChanges(before, after, snapshot) : []),
    ...hostChanges(before, after, snapshot),
    ...imageChanges(before, after, snapshot),
    ...limitChanges(before, after, snapshot),
    ...(snapshot ? requestChanges(before, after, snapshot) : []),
  ];
  const losses = changes.filter((one) => one.is_loss).length;
  return { changes, losses, is_of_records: snapshot !== undefined };
}
