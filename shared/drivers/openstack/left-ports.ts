/**
 * Ports that nova left behind. They carry no tags, so they are known by their server: a port of
 * nova's kind whose server is gone, that was found down in two looks, `port-cleanup-interval` apart.
 *
 * The original deletes every port that was down twice, also one that somebody keeps for later use.
 */
import type { Clock } from '../../base/clock.ts';
import type { LeakableResource } from '../driver.ts';
import type { Compute } from './client/compute.ts';
import type { NetworkService, Port } from './client/network.ts';
import { isServerId } from './ids.ts';
import type { ServerList } from './server-list.ts';

export interface LeftPortsOptions {
  readonly clock: Clock;
  readonly compute: Compute;
  readonly network: NetworkService;
  readonly provider: string;
  /** Seconds between two looks. */
  readonly intervalSeconds: number;
}

export class LeftPorts {
  readonly #options: LeftPortsOptions;
  #lookedAtMs = -Infinity;
  #suspects: ReadonlySet<string> = new Set();
  #left: readonly Port[] = [];

  constructor(options: LeftPortsOptions) {
    this.#options = options;
  }

  /** Those that the last two looks have found. `servers`: a listing that began before the call. */
  async list(servers: ServerList, signal: AbortSignal): Promise<readonly LeakableResource[]> {
    const { clock, network, intervalSeconds, provider } = this.#options;
    if (clock.monotonic() - this.#lookedAtMs >= intervalSeconds * 1000) {
      const down = await network.ports({ status: 'DOWN' }, signal);
      const left = down.filter((port) => isLeft(port, servers));
      this.#left = left.filter(({ id }) => this.#suspects.has(id));
      this.#suspects = new Set(left.map(({ id }) => id));
      this.#lookedAtMs = clock.monotonic();
    }
    // Of a server that is gone, hence of no node: the launcher finds none of that id.
    return this.#left.map(({ id, device_id: server }) => ({
      kind: 'ports',
      id,
      metadata: { nodepool_provider_name: provider, nodepool_node_id: `server ${server}` },
    }));
  }

  /** Looks once more before it deletes: a server may be hidden in a part of the cloud that is down. */
  async delete(id: string, signal: AbortSignal): Promise<void> {
    const { network, compute } = this.#options;
    const port = await network.port(id, signal);
    if (port?.status === 'DOWN' && isLeft(port, new Map())) {
      const server = await compute.server(port.device_id ?? '', signal);
      if (server === undefined) await network.deletePort(id, signal);
    }
    this.#left = this.#left.filter((one) => one.id !== id);
  }
}

/** Made by nova for a server that is not there. Pure. */
export function isLeft(
  { device_id: server, device_owner: owner }: Port,
  servers: ServerList,
): boolean {
  const isNovas = !owner || owner.startsWith('compute:');
  return (
    isNovas && server !== null && server !== undefined && isServerId(server) && !servers.has(server)
  );
}
