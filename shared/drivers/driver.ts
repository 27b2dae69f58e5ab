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
import type {
  PoolConfig,
  PoolLabel,
  ProviderConfig,
  ProviderImage,
} from '../../schemas/config/model.ts';
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
  /** Seconds until an image that the cloud does not have is looked for again. */
  readonly imageCheckSeconds: number;
  /** Nodes of other providers to launch nodes on. Only in a launcher. */
  readonly borrowing?: Borrowing;
  /** Is told of each HTTP request to the cloud that a driver can tell of. Default: nobody is. */
  readonly onHttp?: (request: HttpDone) => void;
}

/** One HTTP request and the end of its answer. */
export interface HttpDone {
  /** The cloud's service: `compute`, `image`, ... A driver has a handful of these. */
  readonly service: string;
  readonly method: string;
  /** Undefined: there was no answer. */
  readonly status: number | undefined;
  readonly durationMs: number;
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
  /**
   * What `launch` will report as created, without driver data, where that is known before the cloud is
   * asked. Then it stands in the node's record from the first, and the report costs no write.
   */
  plannedId?(spec: PlannedSpec): ExternalId;
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
  /** Where disk images are kept, in a cloud that takes some. */
  readonly images?: ImageStore;
  /** The keys of a launched machine could not be read; its deletion follows. */
  scanFailed?(target: DeleteTarget, signal: AbortSignal): Promise<void>;
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
  /**
   * Reports the id (again, if it changes) so that a crash leaves a trail. With `on` it is a step with
   * that borrowed node: nothing is written, and NP_NODE_CHANGED thrown, if anybody was quicker.
   */
  created(externalId: ExternalId, driverData?: unknown, on?: BorrowedNode): Promise<void>;
}

/** What an id can be made of. */
export type PlannedSpec = Pick<LaunchSpec, 'nodeId' | 'attempt' | 'pool' | 'label'>;

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
  readonly username?: string | null;
  readonly pythonPath?: string;
  readonly shellType?: string | null;
  readonly connectionType?: string;
  /** A port, or the object that Kubernetes nodes carry. */
  readonly connectionPort?: number | Readonly<Record<string, unknown>>;
  /** Known already. Where the label wants its keys checked, the machine is asked nevertheless. */
  readonly hostKeys?: readonly string[];
}

export interface ListedInstance {
  readonly externalId: ExternalId;
  readonly metadata: Readonly<Record<string, string>>;
  readonly resources: Quota;
}

/**
 * Resources that may outlive what they are for: machines, ports, volumes, addresses of nodes; images and
 * what they are made of, of uploads.
 */
export interface LeakCollector {
  list(signal: AbortSignal): Promise<readonly LeakableResource[]>;
  delete(resource: LeakableResource, signal: AbortSignal): Promise<void>;
}

export interface LeakableResource {
  /** As in the metric `nodepool.provider.<p>.leaked.<kind>`: `instances`, `ports`, ... */
  readonly kind: string;
  readonly id: string;
  /**
   * Of a machine: what was, or would have been, reported as `created`, or a part of it. With it a
   * second machine of a node is found, too, left by a creation whose answer was lost.
   */
  readonly externalId?: ExternalId;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The cloud's images, for the builder. */
export interface ImageStore {
  /** The format of the file that `upload` wants: `qcow2`, `raw`, `vhd`, ... */
  readonly format: string;
  /**
   * Brings a file into the cloud and resolves with the image's id once nodes can be made from it and
   * the cloud's checksum of it is ours. A failure leaves nothing behind, as far as the cloud answers.
   */
  upload(upload: ImageUpload, signal: AbortSignal): Promise<string>;
  /** Resolves when the image is gone; also when it never was. */
  delete(externalId: string, signal: AbortSignal): Promise<void>;
  /** All images that the account sees, foreign ones too. */
  list(signal: AbortSignal): Promise<readonly StoredImage[]>;
}

export interface ImageUpload {
  /** The image's name in the cloud. */
  readonly name: string;
  /** The configured disk image. */
  readonly image: ProviderImage;
  /** Path of the file. */
  readonly file: string;
  /** In hexadecimal, where the build knows them. */
  readonly checksums: { readonly md5?: string | undefined; readonly sha256?: string | undefined };
  /** Tags: nodepool_build_id, nodepool_upload_id, nodepool_provider_name, and the build's own. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Is told of the bytes that have been handed to the cloud so far, and of the file's size. */
  readonly onProgress?: (sentBytes: number, totalBytes: number) => void;
}

export interface StoredImage {
  readonly externalId: string;
  readonly name: string | null;
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
  /** Keys that the host must show, as configured. Empty: any. */
  readonly hostKeys: readonly string[];
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

/**
 * Nodes of other providers, for a driver that is itself a user of Nodepool: it asks for nodes as any
 * requestor does, keeps them, and launches its own nodes on them (metastatic).
 *
 * Which place on a borrowed node is taken stands nowhere but in the driver data of the nodes launched
 * on it. So it outlives the process, and all launchers that have the provider see the same. Two of
 * them may act at the same time, hence each step names the borrowed node as the driver saw it, and
 * fails with NP_NODE_CHANGED, without effect, if anybody has made a step with that node since. The
 * order of a safe step: `get` the node, wait for `settled`, look at `launched`, then act.
 */
export interface Borrowing {
  /** The nodes that the provider has borrowed, whichever launcher asked for them. */
  borrowed(): Iterable<BorrowedNode>;
  get(id: string): BorrowedNode | undefined;
  /** The nodes that the provider has launched, of all launchers, as far as they have an id. */
  launched(): Iterable<LaunchedNode>;
  /** Whether any launcher offers the label with this provider. */
  isOffered(label: string): boolean;
  /** Called after something that these answer may have changed; the answer ends it. */
  onChange(listener: () => void): () => void;
  /** Resolves when what was done by anybody before the call is known here. */
  settled(signal: AbortSignal): Promise<void>;

  /**
   * Asks for a node of the label. It is served like every request, before those of lower priority,
   * without a limit of time. An abort takes it back at once, whatever has been done for it.
   */
  borrow(wish: BorrowWish, signal: AbortSignal): BorrowOrder;
  /** Replaces the data of a node. */
  update(node: BorrowedNode, data: BorrowedData): Promise<void>;
  /** Ends the use of a node: its own provider deletes it. */
  giveBack(node: BorrowedNode): Promise<void>;
  /** Deletes a launched node that nobody has been given yet and that is of no use any more. */
  discard(launchedId: string, reason: string): Promise<void>;
}

export interface BorrowWish {
  /** As in a request. */
  readonly label: string;
  readonly data: BorrowedData;
}

export interface BorrowOrder {
  /**
   * The borrowed node's id, when `borrowed` shows it. Rejects with NP_CLOUD_CAPACITY if nobody can
   * serve the request, and with NP_ABORTED if it was taken back.
   */
  readonly node: Promise<string>;
  /** Takes the request back, unless somebody serves it already: then its node comes and is ours. */
  takeBack(): void;
}

/** What the driver wants to know of a borrowed node, in this process or a later one; plain JSON. */
export type BorrowedData = Readonly<Record<string, unknown>>;

export interface BorrowedNode {
  readonly id: string;
  /** Grows with each step that anybody makes with the node. */
  readonly revision: number;
  readonly data: BorrowedData;
  /** How to reach it. */
  readonly machine: Omit<Instance, 'externalId' | 'driverData' | 'slot' | 'resources'>;
}

export interface LaunchedNode {
  readonly id: string;
  /** As the driver gave it to `LaunchSpec.created`. */
  readonly driverData: unknown;
  /** Ready, and nobody has been given it. */
  readonly isIdle: boolean;
}
