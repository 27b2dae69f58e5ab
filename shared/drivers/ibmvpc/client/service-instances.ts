/** Services that the account has ordered, such as object storages. */
import type { Caller } from './caller.ts';
import { serviceInstance, type ServiceInstance } from './model.ts';

export class ServiceInstances {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** Those of a name, which need not be unique. */
  named(name: string, signal: AbortSignal): Promise<readonly ServiceInstance[]> {
    return this.#caller.all(
      {
        service: 'resource-controller',
        path: 'resource_instances',
        key: 'resources',
        item: serviceInstance,
        query: { name, type: 'service_instance' },
      },
      signal,
    );
  }
}
