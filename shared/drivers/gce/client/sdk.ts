/**
 * Google's clients, loaded when they are first needed. Retries, deadlines and tokens are ours
 * (caller.ts, http.ts), so theirs are off.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

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

/** What every call of a client is made with. */
export const ONE_CALL = { autoPaginate: false, retry: null } as const;

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
  /** The call in which a client asks for something: they pass on neither of these. */
  readonly #asking = new AsyncLocalStorage<Asking>();
  #instances: Promise<InstancesClient> | undefined;
  #machineTypes: Promise<MachineTypesClient> | undefined;
  #images: Promise<ImagesClient> | undefined;
  #regions: Promise<RegionsClient> | undefined;
  #operations: Promise<ZoneOperationsClient> | undefined;

  constructor(options: SdkOptions) {
    this.#options = options;
  }

  /** Makes requests of the work what `asking` says. */
  within<T>(asking: Asking, work: () => Promise<T>): Promise<T> {
    return this.#asking.run(asking, work);
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
    const asking = this.#asking.getStore();
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
