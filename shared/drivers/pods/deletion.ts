/**
 * The end of a namespace or project, with all that is in it:
 *
 *   whose is it? -> delete -> sight until it is gone
 *
 * One whose contents do not go (finalizers) is waited for until the launcher's deadline, and again.
 */
import type { Logger } from '../../base/log.ts';
import { throwIfAborted } from '../../base/wait.ts';
import type { DeleteTarget } from '../driver.ts';
import { isNamespaceName, tagsOf } from './ids.ts';
import { isGoing, type Spaces } from './spaces.ts';

export interface DeletionsOptions {
  readonly provider: string;
  readonly spaces: Spaces;
  readonly log: Logger;
}

export class Deletions {
  readonly #options: DeletionsOptions;

  constructor(options: DeletionsOptions) {
    this.#options = options;
  }

  async run({ externalId: name, nodeId }: DeleteTarget, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    if (!isNamespaceName(name)) return;
    const { provider, spaces, log } = this.#options;
    const space = await spaces.find(name, signal);
    if (space === undefined) return;
    const owner = { provider, nodeId: nodeId || (tagsOf(space).nodepool_node_id ?? '') };
    if (!spaces.isOurs(space, owner)) {
      // Made by somebody else, whom our launch ran into.
      log.warn(`${spaces.what} not deleted: it is not of this node`, { namespace: name, ...owner });
      return;
    }
    if (!isGoing(space)) await spaces.delete(name, signal);
    await spaces.untilGone(space, signal);
  }
}
