/**
 * The configuration as the programs use it: defaults filled in, inheritance done, one shape for all
 * drivers. Made from `nodepool.yaml` by `shared/config`; deeply frozen.
 *
 * Option names are those of the file in camel case; units end the name.
 */
import type { Quota } from '../quota.ts';

export interface Config {
  readonly webapp: { readonly port: number; readonly listenAddress: string };
  readonly zookeeper: ZooKeeperConfig;
  readonly labels: ReadonlyMap<string, LabelDefinition>;
  readonly diskimages: ReadonlyMap<string, DiskimageConfig>;
  readonly providers: ReadonlyMap<string, ProviderConfig>;
  /** Limits by tenant name; see `tenant-resource-limits`. */
  readonly tenantLimits: ReadonlyMap<string, Quota>;
  /** Nodes in `hold` longer than this are deleted. Infinity: never. */
  readonly maxHoldAgeSeconds: number;
  readonly elementsDir: string | undefined;
  readonly imagesDir: string | undefined;
  readonly buildLogDir: string;
  readonly buildLogRetention: number;
  readonly extensions: Extensions;
}

export interface ZooKeeperConfig {
  readonly servers: readonly { host: string; port: number; chroot: string | undefined }[];
  readonly tls: { cert: string; key: string; ca: string } | undefined;
  readonly timeoutSeconds: number;
}

/** A label at the top level. */
export interface LabelDefinition {
  readonly name: string;
  /** Ready nodes that are kept in stock. */
  readonly minReady: number;
  /** Ready nodes older than this are deleted. 0: never. */
  readonly maxReadyAgeSeconds: number;
}

export interface DiskimageConfig {
  readonly name: string;
  readonly elements: readonly string[];
  readonly envVars: Readonly<Record<string, string>>;
  readonly formats: readonly string[];
  readonly keepFormats: readonly string[];
  readonly deleteAfterUpload: boolean;
  readonly isPaused: boolean;
  readonly rebuildAgeSeconds: number;
  readonly buildTimeoutSeconds: number;
  readonly release: string;
  readonly username: string;
  readonly pythonPath: string;
  readonly shellType: string | undefined;
  readonly dibCmd: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** One provider. `options` is what only its driver understands. */
export interface ProviderConfig<Options = unknown> {
  readonly name: string;
  readonly driver: string;
  /** Address of the driver's module. Absent: the driver is ours. */
  readonly driverModule?: string;
  /** Launches at once, over all pools. Infinity: no limit. 0: the provider takes no requests. */
  readonly maxConcurrency: number;
  readonly priority: number | undefined;
  /** Launch attempts in all. */
  readonly launchRetries: number;
  /** For one attempt, from the call to the cloud to the node's address. */
  readonly launchTimeoutSeconds: number;
  /** For the key scan. */
  readonly bootTimeoutSeconds: number;
  /** Calls to the cloud per second. Infinity: no limit. */
  readonly callsPerSecond: number;
  /** Whether uploads of disk images belong to this provider. */
  readonly managesImages: boolean;
  /** Name of uploaded images: `{image_name}`, `{upload_id}` and `{timestamp}` are filled in. */
  readonly imageNameFormat: string;
  /** Program to run after each upload. */
  readonly postUploadHook: string | undefined;
  readonly diskimages: ReadonlyMap<string, ProviderImage>;
  readonly cloudImages: ReadonlyMap<string, ProviderImage>;
  readonly pools: readonly PoolConfig[];
  /** The driver's own view of the section, with defaults. */
  readonly options: Options;
  /** The section as it stands in the file. */
  readonly raw: unknown;
  /** Where the section begins: file and line, `nodepool.yaml:12`. */
  readonly place: string;
}

/** How to log in to nodes made from an image, and what the driver needs to find or make it. */
export interface ProviderImage {
  readonly name: string;
  readonly username: string | undefined;
  readonly pythonPath: string;
  readonly shellType: string | undefined;
  readonly connectionType: string;
  readonly connectionPort: number;
  readonly isPaused: boolean;
  readonly options: unknown;
}

export interface PoolConfig<Options = unknown> {
  readonly name: string;
  /** Pool's, else provider's, else 100. Lower is preferred. */
  readonly priority: number;
  /** From max-servers, max-cores, max-ram, max-volumes, max-volume-gb, max-resources. */
  readonly limits: Quota;
  readonly ignoreProviderQuota: boolean;
  readonly nodeAttributes: Readonly<Record<string, unknown>> | undefined;
  readonly availabilityZones: readonly string[];
  readonly useInternalIp: boolean;
  readonly labels: ReadonlyMap<string, PoolLabel>;
  readonly options: Options;
}

/** A label as a pool offers it. */
export interface PoolLabel<Options = unknown> {
  readonly name: string;
  readonly cloudImage: string | undefined;
  readonly diskimage: string | undefined;
  readonly hostKeyChecking: boolean;
  /** Log the console of a node whose key scan failed. */
  readonly consoleLog: boolean;
  readonly options: Options;
  /** Where it stands: file and line. Undefined: it has no entry of its own. */
  readonly place: string | undefined;
}

/** Our own options, below the one top-level key that Python Nodepool ignores. */
export interface Extensions {
  readonly zookeeper: { readonly verifyHostname: boolean };
  readonly log: { readonly format: 'text' | 'json' };
  readonly intervals: Intervals;
  /** Time that SIGTERM leaves running launches to reach a safe point. Default 30. */
  readonly stopGraceSeconds: number;
  /** The launcher's web server, beside `webapp`. */
  readonly web: {
    /** Has the token that lets operators act. Undefined: none, or that of NODEPOOL_ADMIN_TOKEN. */
    readonly adminTokenFile: string | undefined;
  };
  /** Builder: uploads at once. Default 4; `--upload-workers` stands over it. */
  readonly uploadWorkers: number;
  readonly builder: BuilderExtension;
  /** What drivers read themselves, by driver name: for `fake` the failures on purpose. */
  readonly drivers: Readonly<Record<string, unknown>>;
}

/** How the builder runs diskimage-builder. */
export interface BuilderExtension {
  /** The builder's web server. Default 127.0.0.1:8006. */
  readonly web: { readonly listenAddress: string; readonly port: number };
  /** In a container, or as a process of the builder's machine. Default `container`. */
  readonly runner: 'container' | 'process';
  readonly container: BuildContainer;
  /** Kept from build to build. Undefined: a container keeps nothing, a process ~/.cache/image-create. */
  readonly cacheDir: string | undefined;
  /** Whether an image is built anew when what goes into it has changed. Default true. */
  readonly isRebuiltOnChange: boolean;
}

/** The container that a build runs in. */
export interface BuildContainer {
  /** Default `nodepool-builder`. */
  readonly image: string;
  /** When the image is fetched. Default `missing`: if the daemon lacks it. */
  readonly pull: 'missing' | 'always' | 'never';
  /** The daemon's address. Undefined: as the environment says, else Docker's usual socket. */
  readonly host: string | undefined;
  /** With it the host's /dev is mounted. Default true. */
  readonly privileged: boolean;
  /** PATH[:PATH-INSIDE][:rwm] each. Default none. */
  readonly devices: readonly string[];
  /** PATH[:PATH-INSIDE][:ro] each, beside the folders of images, elements and cache. Default none. */
  readonly mounts: readonly string[];
  /** Processors at most. Undefined: all. */
  readonly cpus: number | undefined;
  /** Undefined: all. */
  readonly memoryMib: number | undefined;
  /** Undefined: the daemon's default. */
  readonly network: string | undefined;
  /** Undefined: the image's. */
  readonly user: string | undefined;
}

/** The periods that remain, in seconds. None is on the way of a request. */
export interface Intervals {
  /** How often the files are looked at where the system tells of no change. Default 5. */
  readonly configCheckSeconds: number;
  /** Upkeep: leaks, ages, lost requests. Default 60. */
  readonly cleanupSeconds: number;
  /** Retry of a deletion that failed. Default 5. */
  readonly deleteSeconds: number;
  /** Age at which a lock znode of a vanished request is removed. Default 28,800. */
  readonly requestLockAgeSeconds: number;
  /** Between two listings of a cloud while something is awaited. Default 1. */
  readonly cloudPollSeconds: number;
  /** Full re-evaluation of all waiting requests, as the net under the events. Default 60. */
  readonly resyncSeconds: number;
  /** Until an image, flavor or network that a cloud does not have is looked for again. Default 300. */
  readonly imageCheckSeconds: number;
  /** Builder: between two looks for images that are due. Default 10. */
  readonly buildCheckSeconds: number;
  /** Builder: between two looks for uploads that are missing. Default 10. */
  readonly uploadCheckSeconds: number;
}
