/**
 * What requests that are being served will take for a tenant while their nodes do not count yet: a
 * node counts in the caches once its znode names the tenant. So two decisions in one turn never give
 * away the same part of a tenant's quota.
 */
import type { Quota } from '../../schemas/quota.ts';
import { addQuota } from '../../shared/cloud/quota.ts';
import type { NodeStore } from '../../shared/store/nodes.ts';
import type { Served } from './job.ts';

export class TenantNeeds {
  readonly #nodes: Pick<NodeStore, 'get'>;
  readonly #served = new Map<string, Set<Served>>();

  constructor(nodes: Pick<NodeStore, 'get'>) {
    this.#nodes = nodes;
  }

  add(served: Served): void {
    const { tenant_name: tenant } = served.request.record;
    if (tenant === null) return;
    const ofTenant = this.#served.get(tenant);
    if (ofTenant) ofTenant.add(served);
    else this.#served.set(tenant, new Set([served]));
  }

  remove(served: Served): void {
    const { tenant_name: tenant } = served.request.record;
    if (tenant === null) return;
    const ofTenant = this.#served.get(tenant);
    ofTenant?.delete(served);
    if (ofTenant?.size === 0) this.#served.delete(tenant);
  }

  /** What the caches do not count yet. Costs as much as the tenant has requests being served. */
  of(tenant: string): Quota {
    let sum: Quota = {};
    for (const { request, pool, progress } of this.#served.get(tenant) ?? []) {
      for (const { node, label } of progress.nodes) {
        if (node !== undefined && this.#isCounted(node, request.id)) continue;
        sum = addQuota(sum, pool.provider.label(pool.name, label).need);
      }
    }
    return sum;
  }

  #isCounted(node: string, request: string): boolean {
    return this.#nodes.get(node)?.record.allocated_to === request;
  }
}
