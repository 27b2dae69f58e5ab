/**
 * Makes the launcher's parts and tells each of the others that it needs. Starts nothing.
 */
import { Answers } from './assignment/answers.ts';
import { Assigner } from './assignment/assigner.ts';
import { DrainWatch } from './drain/drain-watch.ts';
import { Retirer } from './drain/retire.ts';
import { roomCame, tenantRoomCame } from './events.ts';
import { NodeDeleter } from './nodes/deleter.ts';
import { NodeFreer } from './nodes/freer.ts';
import { RoomMaker } from './pools/make-room.ts';
import { Pools } from './pools/pools.ts';
import type { PoolRegistry } from './pools/registry.ts';
import { StuckRequests } from './pools/stuck.ts';
import type { ServeResult } from './requests/job.ts';
import { Serving } from './requests/serving.ts';
import type { Parts, PartsOptions } from './parts.ts';
import { makeProviders } from './provider-events.ts';
import { StockKeeper } from './stock/stock-keeper.ts';
import { Upkeep } from './upkeep/upkeep.ts';

export function makeParts(options: PartsOptions): Parts {
  const { context, registry, config, hostname, version } = options;
  const claimed = new Set<string>();
  const registered = (): ReturnType<PoolRegistry['all']> => registry.all();
  const ownPools = (): ReadonlySet<string> => pools.ids;
  const room = new RoomMaker(context, claimed);
  const pools = new Pools({
    ...{ context, hostname, version, config, claimed },
    tenantNeed: (tenant) => serving.needOfTenant(tenant),
    onStarved: (pool, gaps) => {
      room.makeRoom(pool, gaps);
      stuck.consider(pool.provider.name);
      pool.provider.refreshQuota({ isForced: false });
    },
  });
  const providers = makeProviders(options, () => parts);
  const answers = new Answers(() => context.clock.now());
  const serving = makeServing(options, claimed, () => parts);
  const assigner = new Assigner({
    ...{ context, pools, online: registry, answers },
    isStarting: () => providers.isStarting,
    mayStart: () => serving.mayStart,
    serve: (pool, request, accepted) => {
      serving.start(pool, request, accepted);
    },
  });
  const stuck = new StuckRequests({ context, pools, serving });
  const deleter = new NodeDeleter({
    ...{ context, registered, ownPools },
    provider: (name) => providers.running(name),
    retrySeconds: () => config().extensions.intervals.deleteSeconds,
  });
  const freer = new NodeFreer({ context, registered, ownPools });
  const stock = new StockKeeper({
    ...{ context, config, registered, ownPools },
    pools: () => pools.all(),
  });
  const retirer = new Retirer({ context, pools, registered, ownPools, claimed });
  const upkeep = new Upkeep({
    ...{ context, config, providers, registry, deleter, freer, retirer, ownPools },
    served: (request) => serving.served(request),
  });
  const inventories: Parts['inventories'] = new Map();
  const drainWatch = new DrainWatch({
    ...{ context, hostname, pools, serving, assigner, stock, retirer, inventories },
  });
  const parts: Parts = {
    ...{ store: context.store, pools, providers, assigner, serving, stuck },
    hasTenantLimits: (tenant) => config().tenantLimits.has(tenant),
    ...{ deleter, freer, retirer, stock, upkeep, inventories, answers, drainWatch },
  };
  return parts;
}

function makeServing(
  { context, registry }: PartsOptions,
  claimed: Set<string>,
  parts: () => Parts,
): Serving {
  return new Serving({
    context,
    claimed,
    registeredIds: () => registry.ids(),
    onDeclined: (id, pool, reasons) => {
      // Of a request that is gone nobody would ever forget the answers.
      if (context.store.requests.get(id)) parts().answers.declined(id, pool, reasons);
    },
    onRoomToStart: () => {
      parts().assigner.resume();
    },
    onDone: ({ id, record }, result, pool) => {
      parts().drainWatch.servingChanged();
      parts().assigner.requestDone(id, isAnswered(result));
      // No node's change tells of room, or ready nodes, that were kept for the request in vain.
      if (result !== 'fulfilled') {
        roomCame(parts(), pool.provider.name);
        tenantRoomCame(parts(), record.tenant_name);
      }
    },
  });
}

/** Whether nobody needs to pause before the next look: not after an error, or another's lock. */
function isAnswered(result: ServeResult): boolean {
  return result === 'fulfilled' || result === 'gone' || result === 'declined';
}
