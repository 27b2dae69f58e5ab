/**
 * Namespaces and projects that can outlive their nodes. What is in them goes with them.
 */
import type { DeleteTarget, LeakableResource, LeakCollector } from '../driver.ts';
import { leakTags, nameOf } from './ids.ts';
import type { Spaces } from './spaces.ts';

export interface LeaksOptions {
  readonly spaces: Spaces;
  readonly deletions: { run(target: DeleteTarget, signal: AbortSignal): Promise<void> };
}

/** The original's name, which is part of a metric. */
export const LEAKED = 'nodes';

export class Leaks implements LeakCollector {
  readonly #options: LeaksOptions;

  constructor(options: LeaksOptions) {
    this.#options = options;
  }

  async list(signal: AbortSignal): Promise<readonly LeakableResource[]> {
    const spaces = await this.#options.spaces.listOurs(signal);
    return spaces.flatMap((space): LeakableResource[] => {
      const metadata = leakTags(space);
      const id = nameOf(space);
      if (Object.keys(metadata).length === 0) return [];
      return [{ kind: LEAKED, id, externalId: id, metadata }];
    });
  }

  async delete({ id, metadata }: LeakableResource, signal: AbortSignal): Promise<void> {
    const nodeId = metadata.nodepool_node_id ?? '';
    await this.#options.deletions.run({ externalId: id, nodeId, driverData: null }, signal);
  }
}
