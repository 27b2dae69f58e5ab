/**
 * Entra ID: gives tokens for the Resource Manager to the service principal of the auth file, which is
 * read anew for each. A wrong secret is NP_CLOUD_FATAL, which names file and provider, never the secret.
 */
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import { z } from 'zod';

import type { AzureOptions } from '../../../../schemas/config/drivers/azure.ts';
import type { ProviderConfig } from '../../../../schemas/config/model.ts';
import type { Clock } from '../../../base/clock.ts';
import { CloudError, messageOf } from '../../../base/errors.ts';
import type { CloudCalls } from '../../../cloud/calls.ts';
import type { HttpDone } from '../../driver.ts';
import { readPrincipal, type Principal } from './auth-file.ts';
import { refusalError, refusalMessage, type Refusal } from './errors.ts';
import { CloudHttp, type Token } from './http.ts';
import { libraries } from './libraries.ts';
import { clientOptions } from './sdk.ts';

export interface IdentityOptions {
  readonly config: ProviderConfig;
  readonly clock: Clock;
  /** Calls to Entra ID have a budget of their own. */
  readonly calls: CloudCalls;
  /** Sends requests. */
  readonly http: HttpClient;
  readonly onHttp?: ((request: HttpDone) => void) | undefined;
  /** Default: that of the auth file. */
  readonly credential?: TokenCredential | undefined;
}

/** What Entra ID says with 400 of a principal that it may know later. */
const PASSING = /\b(temporarily_unavailable|server_error|AADSTS(90033|50196))\b/;

const tokenAnswer = z.object({ expires_in: z.coerce.number() });

export class Identity {
  readonly #options: IdentityOptions;

  constructor(options: IdentityOptions) {
    this.#options = options;
  }

  /** A new token. A second one does no harm, so the call is repeated as any. */
  async issue(signal: AbortSignal): Promise<Token> {
    const { config, calls } = this.#options;
    const principal = await readPrincipal(config);
    return calls.run(signal, (inner) => this.#ask(principal, inner));
  }

  async #ask(principal: Principal, abortSignal: AbortSignal): Promise<Token> {
    const { credential, clock } = this.#options;
    const scope = `${principal.managementUrl}/.default`;
    if (credential !== undefined) {
      const given = await credential.getToken(scope, { abortSignal });
      if (given === null) throw this.#problem('no token is given');
      return { text: given.token, lifeMs: given.expiresOnTimestamp - clock.now() };
    }
    const { ClientSecretCredential } = await libraries.identity();
    const { tenantId, clientId, clientSecret, loginUrl: authorityHost } = principal;
    const watched = this.#watch(principal);
    let text: string;
    try {
      const asked = new ClientSecretCredential(tenantId, clientId, clientSecret, {
        ...{ ...clientOptions(watched.http), authorityHost },
        // The file says whom to trust.
        disableInstanceDiscovery: true,
      });
      text = (await asked.getToken(scope, { abortSignal })).token;
    } catch (error) {
      // The library says less of it, and of a refusal by the network nothing.
      throw watched.failure ?? this.#problem(hidden(messageOf(error), principal));
    }
    return { text, lifeMs: watched.lifeMs };
  }

  /** An HTTP client that knows afterwards what went wrong, and how long the token is good. */
  #watch(principal: Principal) {
    const { clock, http, onHttp } = this.#options;
    const refusalOf = (refusal: Refusal, nowMs: number): Error =>
      this.#refusal({ ...refusal, text: hidden(refusal.text, principal) }, nowMs);
    const inner = new CloudHttp({ http, clock, onHttp, service: 'identity', refusalOf });
    const watched = {
      failure: undefined as Error | undefined,
      lifeMs: Infinity,
      http: {
        sendRequest: async (request) => {
          try {
            const response = await inner.sendRequest(request);
            const seconds = lifeSeconds(response.bodyAsText ?? '');
            if (seconds !== undefined) watched.lifeMs = seconds * 1000;
            return response;
          } catch (error) {
            if (error instanceof Error) watched.failure = error;
            throw error;
          }
        },
      } satisfies HttpClient,
    };
    return watched;
  }

  #refusal(refusal: Refusal, nowMs: number): Error {
    const isFinal = [400, 401, 403, 404].includes(refusal.status) && !PASSING.test(refusal.text);
    return isFinal ? this.#problem(refusalMessage(refusal)) : refusalError(refusal, nowMs);
  }

  #problem(text: string): CloudError {
    const { name, place, options } = this.#options.config;
    const { authPath = '' } = options as AzureOptions;
    const hint = `correct ${authPath}, which auth-path of provider ${name} (${place}) names`;
    return new CloudError('NP_CLOUD_FATAL', text, { hint });
  }
}

/** Undefined: the answer is no token. */
function lifeSeconds(text: string): number | undefined {
  try {
    return tokenAnswer.safeParse(JSON.parse(text)).data?.expires_in;
  } catch {
    return undefined;
  }
}

/** Whoever answers might repeat what it was sent. */
function hidden(text: string, { clientSecret }: Principal): string {
  return text.replaceAll(clientSecret, '***').replaceAll(encodeURIComponent(clientSecret), '***');
}
