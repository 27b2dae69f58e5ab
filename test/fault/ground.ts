/**
 * What a node stands on: a machine in a cloud, a static host, or a slot of a backing node that has a
 * machine. Asked by those who have been given a node.
 */
import type { ZuulSide, ZnodeRecord } from '../support/zuul-side.ts';
import { BORROWER, METASTATIC } from './fleet-providers.ts';
import { placeOf } from './snapshot.ts';

export interface GroundOptions {
  /** Whether a machine of this id works in the provider's cloud. */
  readonly hasMachine: (provider: string, id: string) => boolean;
  /** The keys of a static host of the provider, by its port. Undefined: there is no such host. */
  readonly keysOfHost: (provider: string, port: unknown) => readonly string[] | undefined;
}

export class Ground {
  readonly #options: GroundOptions;

  constructor(options: GroundOptions) {
    this.#options = options;
  }

  /** What is wrong with what the node stands on. Undefined: nothing. */
  async problemOf(zuul: ZuulSide, node: ZnodeRecord): Promise<string | undefined> {
    if (node.provider === METASTATIC) return this.#problemOfSlot(zuul, node);
    const keys = this.#options.keysOfHost(String(node.provider), node.connection_port);
    if (keys) return problemOfKeys(keys, node.host_keys);
    return this.#problemOfMachine(node);
  }

  #problemOfMachine(node: ZnodeRecord): string | undefined {
    const id = String(node.external_id);
    return this.#options.hasMachine(String(node.provider), id) ? undefined : `has no machine ${id}`;
  }

  async #problemOfSlot(zuul: ZuulSide, node: ZnodeRecord): Promise<string | undefined> {
    const place = placeOf(node);
    if (!place) return 'has no slot';
    const backing = await zuul.node(place.backing);
    const name = `stands on node ${place.backing}, which`;
    if (!backing) return `${name} is gone`;
    if (backing.state !== 'in-use') return `${name} is ${String(backing.state)}`;
    if (!String(backing.user_data).includes(BORROWER))
      return `${name} belongs to ${String(backing.user_data)}`;
    const problem = this.#problemOfMachine(backing);
    return problem === undefined ? undefined : `${name} ${problem}`;
  }
}

/** A host may be away, but its keys must be known: Zuul refuses a host with others. */
function problemOfKeys(keys: readonly string[], recorded: unknown): string | undefined {
  const known: readonly unknown[] = Array.isArray(recorded) ? recorded : [];
  return keys.every((key) => known.includes(key))
    ? undefined
    : 'does not have the keys of its host';
}
