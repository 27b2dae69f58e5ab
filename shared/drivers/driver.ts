/**
 * What a driver is: the border between Nodepool and a cloud.
 *
 * A driver knows nothing of ZooKeeper, requests or the launcher. It turns a `LaunchSpec` into a
 * machine with an address, deletes machines, and says what exists and what fits. The host key scan,
 * retries, quota sums and all records are the launcher's work. Errors are `CloudError`s sorted by
 * code: `NP_CLOUD_QUOTA` (pause, no attempt counted), `NP_CLOUD_CAPACITY`, `NP_CLOUD_TRANSIENT`
 * (both count as an attempt), `NP_CLOUD_FATAL` (configuration: the label goes offline),
 * `NP_CLOUD_NOT_FOUND`. Anything else that is thrown counts as transient.
 */
import type { PoolConfig, PoolLabel, ProviderConfig } from '../../schemas/config/model.ts';
import type { Quota } from '../../schemas/quota.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';

export type { Quota };

export interface Driver {
  /** The value of `driver:` in nodepool.yaml. */
  readonly name: string;
  /**
   * Prepares a provider for use. A rejection means "cannot start": the provider is treated as
   * absent and tried again with backoff.
   */
  connect(config: ProviderConfig, env: DriverEnv, signal: AbortSignal): Promise<Provider>;
}

/** What the process gives a driver. Nothing is taken from globals. */
export interface DriverEnv {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `extensions: drivers: <name>:` of nodepool.yaml, not yet checked. */
  readonly extension: unknown;
  /** Seconds between two listings while machines are awaited. */
  readonly pollSeconds: number;
}

/** The cloud's name for a machine; an object where one id is not enough (AWS hosts). */
export type ExternalId = string | Readonly<Record<string, string | null>>;

export interface Provider {
  /**
   * Launches one machine and resolves once it has an address. Must call `spec.created` as soon as
   * the cloud's id is known and await it. On abort or failure what was made may remain: the
   * launcher deletes it by the reported id. A second call with the same node id and attempt must
   * not make a second machine. Absent where nodes come from `inventory` only.
   */
  launch?(spec: LaunchSpec, signal: AbortSignal): Promise<Instance>;
  /** Resolves when the machine is gone; also when it never was. */
  delete(target: DeleteTarget, signal: AbortSignal): Promise<void>;
  /** All machines of the account, foreign ones too: they count against the quota. */
  listInstances(signal: AbortSignal): Promise<readonly ListedInstance[]>;
  /** The account's limits. `{}`: none known. */
  quotaLimits(signal: AbortSignal): Promise<Quota>;
  /** What one node of the label takes. */
  quotaForLabel(label: PoolLabel, signal: AbortSignal): Promise<Quota>;
  /** Zones to choose from where the pool names none. Empty: zones do not matter here. */
  availabilityZones(signal: AbortSignal): Promise<readonly string[]>;
  /** Whether a label's cloud image can be used now. */
  isLabelReady(label: PoolLabel): boolean;
  /** Hosts that exist anyway and are only lent (static). */
  readonly inventory?: Inventory;
  readonly leaks?: LeakCollector;
  /** The end of a machine's console, for the log of a failed key scan. */
  consoleLog?(externalId: ExternalId, signal: AbortSignal): Promise<string | undefined>;
  /** Ends background work. Running calls may be awaited; no new ones come. */
  close(): Promise<void>;
}

export interface LaunchSpec {
  /** The node's id in ZooKeeper: ten digits. */
  readonly nodeId: string;
  /** `np` and the node id. */
  readonly hostname: string;
  /** From 1. */
  readonly attempt: number;
  readonly pool: PoolConfig;
  readonly label: PoolLabel;
  /** The id at the cloud of the newest upload, where the label has a diskimage. */
  readonly imageExternalId: string | undefined;
  /** Tags for everything that is made: nodepool_node_id, nodepool_pool_name, ... */
  readonly metadata: Readonly<Record<string, string>>;
  readonly availabilityZone: string | undefined;
  readonly request: RequestFacts;
  readonly log: Logger;
  /** Reports the id (again, if it changes) so that a crash leaves a trail. */
  created(externalId: ExternalId, driverData?: unknown): Promise<void>;
}

/** What dynamic tags may refer to. */
export interface RequestFacts {
  readonly id: string;
  readonly labels: readonly string[];
  readonly requestor: string | null;
  readonly requestorData: unknown;
  readonly relativePriority: number;
  readonly eventId: string | null;
  readonly createdTime: number | null;
  readonly tenantName: string | null;
}

export interface DeleteTarget {
  readonly externalId: ExternalId;
  readonly nodeId: string;
  readonly driverData: unknown;
}

/** A machine that has been launched. Absent values leave what the image says. */
export interface Instance {
  readonly externalId: ExternalId;
  /** Where to connect, unless the pool says `use-internal-ip`. */
  readonly interfaceIp: string | null;
  readonly publicIpv4?: string | null;
  readonly privateIpv4?: string | null;
  readonly publicIpv6?: string | null;
  readonly privateIpv6?: string | null;
  readonly hostId?: string | null;
  readonly cloud?: string | null;
  readonly region?: string | null;
  readonly availabilityZone?: string | null;
  /** What the machine really takes. */
  readonly resources?: Quota;
  readonly driverData?: unknown;
  readonly slot?: number | null;
  readonly nodeProperties?: Readonly<Record<string, unknown>>;
  /** Defaults below the pool's own node-attributes. */
  readonly nodeAttributes?: Readonly<Record<string, unknown>>;
  readonly username?: string;
  readonly pythonPath?: string;
  readonly shellType?: string | null;
  readonly connectionType?: string;
  /** A port, or the object that Kubernetes nodes carry. */
  readonly connectionPort?: number | Readonly<Record<string, unknown>>;
  /** Known already, so no scan is needed. */
  readonly hostKeys?: readonly string[];
}

export interface ListedInstance {
  readonly externalId: ExternalId;
  readonly metadata: Readonly<Record<string, string>>;
  readonly resources: Quota;
}

/** Resources that may outlive their node: machines, ports, volumes, addresses. */
export interface LeakCollector {
  list(signal: AbortSignal): Promise<readonly LeakableResource[]>;
  delete(resource: LeakableResource, signal: AbortSignal): Promise<void>;
}

export interface LeakableResource {
  /** As in the metric `nodepool.provider.<p>.leaked.<kind>`: `instances`, `ports`, ... */
  readonly kind: string;
  readonly id: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Hosts that are not made but lent. The launcher keeps one node znode for each live slot. */
export interface Inventory {
  /** All places where a node belongs, whether its host lives or not. */
  readonly slots: readonly InventorySlot[];
  /** Asks the host: reads its keys and compares them with the configured ones. */
  check(slot: InventorySlot, signal: AbortSignal): Promise<HostCheck>;
  /** A quick "are you there" before the node is handed out. */
  isAlive(slot: InventorySlot, signal: AbortSignal): Promise<boolean>;
}

export interface InventorySlot {
  readonly pool: string;
  /** Host name or address; with username and port the host's identity. */
  readonly name: string;
  /** 0-based; a host with max-parallel-jobs N has slots 0 to N-1. */
  readonly slot: number;
  readonly labels: readonly string[];
  readonly username: string;
  readonly connectionPort: number;
  readonly connectionType: string;
  readonly shellType: string | null;
  readonly pythonPath: string;
  readonly hostKeyChecking: boolean;
  readonly attributes: Readonly<Record<string, unknown>> | null;
}

export type HostCheck =
  | {
      readonly ok: true;
      readonly hostKeys: readonly string[];
      readonly publicIpv4: string | null;
      readonly publicIpv6: string | null;
    }
  | { readonly ok: false; readonly reason: string };
