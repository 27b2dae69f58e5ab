/** The services of an Azure in memory by Microsoft's clients, without a provider, a limit of calls or a network. */
import {
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
} from '@azure/core-rest-pipeline';

import { AzureCloud } from '../../../../fixtures/azure-cloud/cloud.ts';
import {
  GROUP,
  SUBSCRIPTION,
  type AzureCloudOptions,
} from '../../../../fixtures/azure-cloud/ground.ts';
import { CLIENT_ID, CLIENT_SECRET, TENANT } from '../../../../fixtures/azure-cloud/login.ts';
import { ManualClock } from '../../../../fixtures/clock.ts';
import { silentLogger, type LogFields, type Logger } from '../../../../shared/base/log.ts';
import { CloudCalls } from '../../../../shared/cloud/calls.ts';
import { Tokens } from '../../../../shared/cloud/tokens.ts';
import { Caller } from '../../../../shared/drivers/azure/client/caller.ts';
import type { Token } from '../../../../shared/drivers/azure/client/http.ts';
import type { Pages } from '../../../../shared/drivers/azure/client/pages.ts';
import { Sdk } from '../../../../shared/drivers/azure/client/sdk.ts';
import {
  openServices,
  type AzureServices,
} from '../../../../shared/drivers/azure/client/services.ts';

export interface ServicesSubject {
  readonly clock: ManualClock;
  readonly cloud: AzureCloud;
  readonly services: AzureServices;
  /** Keeps what is said in `lines`. */
  readonly log: Logger;
  readonly lines: { readonly message: string; readonly fields: LogFields | undefined }[];
  /** Whether a client is at work before or after its request: that takes real time. */
  readonly isBusy: () => boolean;
}

export const never = (): AbortSignal => new AbortController().signal;

export async function servicesSubject(
  options: Partial<AzureCloudOptions> = {},
): Promise<ServicesSubject> {
  const clock = new ManualClock();
  const cloud = new AzureCloud({ clock, ...options });
  const lines: ServicesSubject['lines'] = [];
  const say = (message: string, fields?: LogFields): void => {
    lines.push({ message, fields });
  };
  const log: Logger = { ...silentLogger, debug: say, info: say, warn: say, error: say };
  const calls = new CloudCalls({ clock, random: () => 0.5, callsPerSecond: Infinity });
  const work = new ClientWork();
  const http = work.watchHttp(cloud.httpClient);
  const tokens = new Tokens({ clock, log, issue: () => tokenOf(cloud) });
  const principal = { subscriptionId: SUBSCRIPTION, managementUrl: 'https://management.azure.com' };
  const sdk = new Sdk({ principal, tokens, clock, http });
  // Loading takes real time, in which nobody may turn the clock.
  await Promise.all([sdk.compute(), sdk.network()]);
  const services = openServices(new Caller({ sdk, calls, tokens, clock, lookSeconds: 2 }), GROUP);
  work.watchPages(services.pages);
  return { clock, cloud, services, log, lines, isBusy: () => work.isBusy };
}

/** Writes of pages that are under way, but not at the cloud. */
class ClientWork {
  #atWork = 0;

  get isBusy(): boolean {
    return this.#atWork > 0;
  }

  watchPages(pages: Pages): void {
    const put = pages.put.bind(pages);
    pages.put = (...call) => this.#counting(1, () => put(...call));
  }

  watchHttp(http: HttpClient): HttpClient {
    return {
      sendRequest: (request) =>
        request.url.includes('comp=page')
          ? this.#counting(-1, () => http.sendRequest(request))
          : http.sendRequest(request),
    };
  }

  async #counting<T>(step: 1 | -1, work: () => Promise<T>): Promise<T> {
    this.#atWork += step;
    try {
      return await work();
    } finally {
      this.#atWork -= step;
    }
  }
}

/** As `ClientSecretCredential` asks for one; troubles of signing in are no matter of services. */
async function tokenOf({ httpClient }: AzureCloud): Promise<Token> {
  const { bodyAsText } = await httpClient.sendRequest(
    createPipelineRequest({
      url: `https://login.microsoftonline.com/${TENANT}/oauth2/v2.0/token`,
      method: 'POST',
      headers: createHttpHeaders({ 'content-type': 'application/x-www-form-urlencoded' }),
      body: new URLSearchParams({
        ...{ grant_type: 'client_credentials', scope: 'https://management.azure.com/.default' },
        ...{ client_id: CLIENT_ID, client_secret: CLIENT_SECRET },
      }).toString(),
    }),
  );
  const { access_token: text, expires_in: seconds } = JSON.parse(bodyAsText ?? '') as {
    access_token: string;
    expires_in: number;
  };
  return { text, lifeMs: seconds * 1000 };
}
