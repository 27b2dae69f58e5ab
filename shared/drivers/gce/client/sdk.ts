/**
 * Google's clients, loaded when they are first needed. Retries, deadlines and tokens are ours
 * (caller.ts, http.ts), so theirs are off.
 */
import { InvariantError } from '../../../base/errors.ts';
import type { CloudHttp, GaxInit, GaxResponse } from './http.ts';
import { leanProtos, type Described } from './lean-protos.ts';
import { libraries } from './libraries.ts';
import type {
  ImagesClient,
  InstancesClient,
  MachineTypesClient,
  RegionsClient,
  ZoneOperationsClient,
} from './libraries.ts';

/** What a call of a client is made with, which adds headers of its own to it: for one call. */
export type ClientCall = Readonly<{
  autoPaginate: false;
  retry: null;
  otherArgs: { headers: Record<string, string> };
}>;

/**
 * Tells `fetch` for which call a client asks, since clients pass on neither signal nor fields; it is
 * taken off there. An AsyncLocalStorage would do, too, but on Node 20 it makes every promise of the
 * process nine times as slow, those of other providers included.
 */
const CALL_HEADER = 'x-nodepool-call';

export interface SdkOptions {
  readonly http: Pick<CloudHttp, 'fetch'>;
  /** Where the service is, without a path. */
  readonly endpoint: URL;
}

/** What a client's requests are made with. */
export interface Asking {
  /** Ends them. */
  readonly signal: AbortSignal;
  /**
   * The part of the answer that is wanted, in Google's words: `items(id,name),nextPageToken`. Default:
   * all. Facts: cloud.google.com/compute/docs/api/how-tos/performance, "Partial response".
   */
  readonly fields?: string | undefined;
}

export class Sdk {
  readonly #options: SdkOptions;
  /** The calls under way, by what their requests have in `CALL_HEADER`. */
  readonly #underWay = new Map<string, Asking>();
  #calls = 0;
  #instances: Promise<InstancesClient> | undefined;
  #machineTypes: Promise<MachineTypesClient> | undefined;
  #images: Promise<ImagesClient> | undefined;
  #regions: Promise<RegionsClient> | undefined;
  #operations: Promise<ZoneOperationsClient> | undefined;

  constructor(options: SdkOptions) {
    this.#options = options;
  }

  /** Makes requests of the work, which hands `call` to a client, what `asking` says. */
  async within<T>(asking: Asking, work: (call: ClientCall) => Promise<T>): Promise<T> {
    const id = String(this.#calls++);
    this.#underWay.set(id, asking);
    try {
      const otherArgs = { headers: { [CALL_HEADER]: id } };
      return await work({ autoPaginate: false, retry: null, otherArgs });
    } finally {
      this.#underWay.delete(id);
    }
  }

  instances(): Promise<InstancesClient> {
    return (this.#instances ??= this.#open(async (...options) => {
      const { InstancesClient } = await libraries.instances();
      return new InstancesClient(...options);
    }));
  }

  machineTypes(): Promise<MachineTypesClient> {
    return (this.#machineTypes ??= this.#open(async (...options) => {
      const { MachineTypesClient } = await libraries.machineTypes();
      return new MachineTypesClient(...options);
    }));
  }

  images(): Promise<ImagesClient> {
    return (this.#images ??= this.#open(async (...options) => {
      const { ImagesClient } = await libraries.images();
      return new ImagesClient(...options);
    }));
  }

  regions(): Promise<RegionsClient> {
    return (this.#regions ??= this.#open(async (...options) => {
      const { RegionsClient } = await libraries.regions();
      return new RegionsClient(...options);
    }));
  }

  operations(): Promise<ZoneOperationsClient> {
    return (this.#operations ??= this.#open(async (...options) => {
      const { ZoneOperationsClient } = await libraries.operations();
      return new ZoneOperationsClient(...options);
    }));
  }

  async #open<T>(
    make: (options: Readonly<Record<string, unknown>>, gax: object) => Promise<T>,
  ): Promise<T> {
    const { endpoint } = this.#options;
    const { fallback } = await libraries.gax();
    const auth = {
      fetch: (url: string, init: GaxInit) => this.#fetch(url, init),
      getClient: () => Promise.resolve({}),
    };
    return make(
      {
        fallback: true,
        auth,
        apiEndpoint: endpoint.hostname,
        port: Number(endpoint.port) || (endpoint.protocol === 'http:' ? 80 : 443),
        protocol: endpoint.protocol.slice(0, -1),
        // Else the library asks the environment of the process.
        universeDomain: 'googleapis.com',
      },
      { fallback: leanGax(fallback) },
    );
  }

  #fetch(url: string, init: GaxInit): Promise<GaxResponse> {
    const asking = this.#underWay.get(init.headers?.get(CALL_HEADER) ?? '');
    init.headers?.delete(CALL_HEADER);
    if (asking === undefined) throw new InvariantError('a client calls by itself');
    const { signal, fields } = asking;
    const part = fields === undefined ? '' : `&fields=${encodeURIComponent(fields)}`;
    return this.#options.http.fetch(`${url}${part}`, init, signal);
  }
}

type Fallback = Awaited<ReturnType<typeof libraries.gax>>['fallback'];

/** The library's own, which builds no more of Google's description than we need. */
function leanGax(fallback: Fallback): Fallback {
  class LeanClient extends fallback.GrpcClient {
    override loadProtoJSON(json: object) {
      return super.loadProtoJSON(leanProtos<Described>(json));
    }
  }
  return { ...fallback, GrpcClient: LeanClient };
}
