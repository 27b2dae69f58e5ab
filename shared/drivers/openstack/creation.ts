/**
 * The creation of servers. Nova takes no token for repetitions, and names are not unique: a server
 * whose answer was lost is found by its name and the node's tags.
 */
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { Creations } from '../../cloud/creations.ts';
import { isOfSameNode } from '../../cloud/tags.ts';
import type { LaunchSpec } from '../driver.ts';
import { isDeleted, type Compute, type ServerRequest } from './client/compute.ts';

/** A nova-api worker takes seconds for each, and more of them do not speed it up. */
const AT_ONCE = 20;

export type ServerCreations = Creations<LaunchSpec, ServerRequest>;

export interface ServerCreationsOptions {
  readonly compute: Compute;
  readonly clock: Clock;
  readonly log: Logger;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Nova refuses what it was asked for: it may have been chosen from outdated lists. */
  readonly onRefusal: () => void;
}

export function serverCreations({ compute, ...options }: ServerCreationsOptions): ServerCreations {
  return new Creations<LaunchSpec, ServerRequest>({
    ...options,
    atOnce: AT_ONCE,
    steps: {
      make: (request, _, signal) => compute.createServer(request, signal),
      find: async (spec, earlier, signal) => {
        const servers = await compute.servers(signal, `^${spec.hostname}$`);
        return servers.find(
          (server) =>
            !earlier.has(server.id) &&
            !isDeleted(server) &&
            isOfSameNode(server.metadata, spec.metadata),
        )?.id;
      },
      unmake: (id, signal) => compute.deleteServer(id, signal),
    },
  });
}
