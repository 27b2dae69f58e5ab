/**
 * Microsoft's clients, loaded when they are first needed: a builder never loads that of networks.
 * Retries, redirects and tokens are ours (caller.ts, http.ts), so theirs are off.
 */
import type { ComputeManagementClient, restorePoller } from '@azure/arm-compute';
import type { getContinuationToken, NetworkManagementClient } from '@azure/arm-network';
import type { HttpClient, Pipeline } from '@azure/core-rest-pipeline';
import type { PageBlobClient } from '@azure/storage-blob';

import type { Clock } from '../../../base/clock.ts';
import { InvariantError } from '../../../base/errors.ts';
import { packageVersion } from '../../../base/version.ts';
import type { HttpDone } from '../../driver.ts';
import type { Principal } from './auth-file.ts';
import { CloudHttp, type CloudHttpOptions, type TokenSource } from './http.ts';
import { libraries } from './libraries.ts';
import { asOldHttp } from './storage-http.ts';

export interface ComputeSdk {
  readonly client: ComputeManagementClient;
  readonly restorePoller: typeof restorePoller;
}

export interface NetworkSdk {
  readonly client: NetworkManagementClient;
  readonly getContinuationToken: typeof getContinuationToken;
}

export interface SdkOptions {
  readonly principal: Pick<Principal, 'subscriptionId' | 'managementUrl'>;
  readonly tokens: TokenSource;
  readonly clock: Clock;
  /** Sends requests. */
  readonly http: HttpClient;
  readonly onHttp?: ((request: HttpDone) => void) | undefined;
}

export class Sdk {
  readonly #options: SdkOptions;
  #compute: Promise<ComputeSdk> | undefined;
  #network: Promise<NetworkSdk> | undefined;

  constructor(options: SdkOptions) {
    this.#options = options;
  }

  compute(): Promise<ComputeSdk> {
    this.#compute ??= this.#openCompute();
    return this.#compute;
  }

  network(): Promise<NetworkSdk> {
    this.#network ??= this.#openNetwork();
    return this.#network;
  }

  /** `url`: with a signature that lets anybody in, so calls carry no token. */
  async pageBlob(url: string): Promise<PageBlobClient> {
    const { AnonymousCredential, PageBlobClient } = await libraries.storage();
    const http = this.#http('storage');
    return new PageBlobClient(url, new AnonymousCredential(), {
      httpClient: await asOldHttp(http),
      userAgentOptions: clientOptions(http).userAgentOptions,
      retryOptions: { maxTries: 1 },
    });
  }

  async #openCompute(): Promise<ComputeSdk> {
    const { ComputeManagementClient, restorePoller } = await libraries.compute();
    const { subscriptionId, managementUrl: endpoint } = this.#options.principal;
    const options = { ...clientOptions(this.#http('compute')), endpoint };
    const client = new ComputeManagementClient(NO_CREDENTIAL, subscriptionId, options);
    dropAuthentication(client.pipeline);
    return { client, restorePoller };
  }

  async #openNetwork(): Promise<NetworkSdk> {
    const { NetworkManagementClient, getContinuationToken } = await libraries.network();
    const { subscriptionId, managementUrl: endpoint } = this.#options.principal;
    const options = { ...clientOptions(this.#http('network')), $host: endpoint, endpoint };
    const client = new NetworkManagementClient(NO_CREDENTIAL, subscriptionId, options);
    dropAuthentication(client.pipeline);
    return { client, getContinuationToken };
  }

  #http(service: CloudHttpOptions['service']): HttpClient {
    const { http, clock, onHttp, tokens } = this.#options;
    const isSigned = service === 'storage';
    return new CloudHttp({ http, clock, onHttp, service, tokens: isSigned ? undefined : tokens });
  }
}

/** What all clients are opened with. */
export function clientOptions(httpClient: HttpClient) {
  return {
    httpClient,
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
    userAgentOptions: { userAgentPrefix: `nodepool-ts/${packageVersion()}` },
  };
}

/** The clients demand one, and never ask it. */
const NO_CREDENTIAL = {
  getToken: (): Promise<never> => Promise.reject(new InvariantError('a client asks for a token')),
};

/** Theirs renews in the background, where a failure is nobody's, and takes no word of a refusal. */
function dropAuthentication(pipeline: Pipeline): void {
  pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' });
}
