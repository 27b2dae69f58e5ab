/** Resource groups of the account, which here are what tags are elsewhere. */
import type { Caller } from './caller.ts';
import { unlessTaken } from './errors.ts';
import { createdGroup, resourceGroup, type ResourceGroup } from './model.ts';

export class ResourceGroups {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** All of the account, in one page. */
  async list(signal: AbortSignal): Promise<readonly ResourceGroup[]> {
    return this.#caller.all(
      {
        service: 'resource-manager',
        path: 'resource_groups',
        key: 'resources',
        item: resourceGroup,
      },
      signal,
    );
  }

  /** Undefined: there is one of the name. So it is safe to repeat. */
  async create(name: string, signal: AbortSignal): Promise<ResourceGroup | undefined> {
    const made = await unlessTaken(
      this.#caller.call(
        {
          service: 'resource-manager',
          method: 'POST',
          path: 'resource_groups',
          body: { name },
          answer: createdGroup,
          isRepeatable: true,
        },
        signal,
      ),
    );
    return made && { id: made.id, name };
  }
}
