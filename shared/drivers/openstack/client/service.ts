/**
 * The border between what knows HTTP and keystone (session.ts) and what knows nova's, neutron's,
 * cinder's and glance's interfaces.
 */
import type { ServiceType } from './cloud-config.ts';

export interface Session {
  /**
   * A service of the cloud. Undefined: the catalog has none of that type in this region. The version
   * of its interface is found out once (compute 2.1, network 2.0, image 2, block storage 3).
   */
  service(type: ServiceType, signal: AbortSignal): Promise<Service | undefined>;
  /** The project that the token is for; undefined where the scope is another. */
  projectId(signal: AbortSignal): Promise<string | undefined>;
  /** Ends all calls and connections. */
  close(): Promise<void>;
}

export interface Service {
  readonly type: ServiceType;
  /** The newest microversion that the service speaks; undefined: it knows none. */
  readonly maxMicroversion: string | undefined;
  /**
   * One call, in its turn of the provider's rate, under a deadline of its own.
   *
   * A lost token is renewed and the call made again. What the cloud refuses becomes a CloudError
   * (errors.ts) that names call, request id and the cloud's own words.
   */
  call(request: ServiceRequest, signal: AbortSignal): Promise<ServiceAnswer>;
}

export interface ServiceRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the service's endpoint, without a slash at its start; its parts are encoded. */
  readonly path: string;
  /** Undefined values are left out; a list becomes several parameters of the name. */
  readonly query?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Content type of `json` where it is not application/json (glance's patches). */
  readonly contentType?: string;
  /** Sent as application/octet-stream; made anew for each try. */
  readonly stream?: () => AsyncIterable<Uint8Array>;
  /** Bytes of `stream`, where they are known: sent as Content-Length. */
  readonly streamBytes?: number;
  /** Asked for, if the service speaks it; `defaultMicroversion` of clouds.yaml stands over it. */
  readonly microversion?: string;
  /** Statuses beside 2xx that are an answer, too: 404 to a deletion. */
  readonly expect?: readonly number[];
  /** For refusals of which only some are an answer: looks at what `expect` does not name. */
  readonly isAnswer?: (status: number, body: unknown) => boolean;
  /**
   * Whether the call may be made again though the first may have taken effect. Default: for all
   * methods but POST. Where it may not, only what surely had no effect is repeated: a refused
   * connection, a lost token, 429.
   */
  readonly isRepeatable?: boolean;
  /** Many wait for its answer: it comes before others. Default false. */
  readonly isShared?: boolean;
  /** Seconds until the answer. Default: `api_timeout` of clouds.yaml, else 30. */
  readonly timeoutSeconds?: number;
  /** So many times the default, for what takes longer than other calls. Default 1. */
  readonly patience?: number;
}

export interface ServiceAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The JSON; undefined where there is none. */
  readonly body: unknown;
}
