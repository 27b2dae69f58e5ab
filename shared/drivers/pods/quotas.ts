/** Questions about quota, where each node has a namespace or project of its own. */
import type { PoolLabel } from '../../../schemas/config/model.ts';
import type { Quota } from '../../../schemas/quota.ts';
import { throwIfAborted } from '../../base/wait.ts';
import type { ListedInstance } from '../driver.ts';
import { nameOf, tagsOf } from './ids.ts';
import { labelQuota } from './quota.ts';
import type { Spaces } from './spaces.ts';

export class Quotas {
  readonly #spaces: Spaces;

  constructor(spaces: Spaces) {
    this.#spaces = spaces;
  }

  /** A cluster does not say how many namespaces, or projects, it takes: it refuses. */
  async limits(signal: AbortSignal): Promise<Quota> {
    await Promise.resolve();
    throwIfAborted(signal);
    return {};
  }

  async instances(signal: AbortSignal): Promise<readonly ListedInstance[]> {
    const spaces = await this.#spaces.list(signal);
    return spaces.map((space) => ({
      externalId: nameOf(space),
      metadata: tagsOf(space),
      resources: { instances: 1 },
    }));
  }

  async need(label: PoolLabel, signal: AbortSignal): Promise<Quota> {
    await Promise.resolve();
    throwIfAborted(signal);
    return labelQuota(label);
  }
}
