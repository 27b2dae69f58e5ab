/**
 * Gives tokens: by Google's library to the account of a file, which is read anew for each, or by the
 * metadata server. Wrong credentials are NP_CLOUD_FATAL, which names file and provider, never a secret.
 */
import type { AuthClient, gaxios } from 'google-auth-library';
import { z } from 'zod';

import type { ProviderConfig } from '../../../../schemas/config/model.ts';
import type { Clock } from '../../../base/clock.ts';
import { CloudError, messageOf } from '../../../base/errors.ts';
import type { CloudCalls } from '../../../cloud/calls.ts';
import type { Transport } from '../../../cloud/http-transport.ts';
import { accountClient, LIBRARY_TOKEN_URL } from './accounts.ts';
import { findCredentials, type CredentialsFile, type Environment } from './credentials.ts';
import { refusalError, refusalMessage, type Refusal } from './errors.ts';
import type { Token } from './http.ts';
import { libraries } from './libraries.ts';

export interface IdentityOptions {
  readonly config: ProviderConfig;
  readonly environment: Environment;
  readonly clock: Clock;
  /** Calls for tokens have a budget of their own. */
  readonly calls: CloudCalls;
  readonly transport: Transport;
}

/** Of a token whose life nobody tells; Google's live an hour. */
const SHORT_LIFE_MS = 300_000;
/** Refusals that stay. */
const FINAL_STATUSES: readonly number[] = [400, 401, 403, 404];
const PASSING = /\b(temporarily_unavailable|server_error|internal_failure)\b/;

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number(),
});
const lifeAnswer = z.object({
  expires_in: z.coerce.number().optional(),
  /** Of a token for another account. */
  expireTime: z.string().optional(),
});

/** What was seen on the way of the library's requests. */
interface Watched {
  failure: Error | undefined;
  lifeMs: number;
}

export class Identity {
  readonly #options: IdentityOptions;

  constructor(options: IdentityOptions) {
    this.#options = options;
  }

  /** A new token. A second one does no harm, so the call is repeated as any. */
  async issue(signal: AbortSignal): Promise<Token> {
    const { config, environment, calls } = this.#options;
    const credentials = await findCredentials(config, environment);
    return calls.run(signal, (inner) =>
      credentials.from === 'file'
        ? this.#byFile(credentials.file, credentials.contents, inner)
        : this.#byMetadata(credentials.url, inner),
    );
  }

  async #byMetadata(url: string, signal: AbortSignal): Promise<Token> {
    const { transport } = this.#options;
    const request = {
      ...{ method: 'GET', subject: 'identity metadata server' },
      url,
      headers: { 'metadata-flavor': 'Google' },
    };
    const answer = await transport.send(request, signal).catch((error: unknown) => {
      if (!(error instanceof CloudError)) throw error;
      const hint = 'outside Google name a file with credentials in GOOGLE_APPLICATION_CREDENTIALS';
      throw new CloudError(error.code, error.message, { labels: error.labels, hint, cause: error });
    });
    if (answer.status !== 200)
      throw this.#refusal(
        { call: 'GET identity metadata server', method: 'GET', ...answer },
        'give the machine a service account, with the scope for compute',
      );
    const { success, data } = tokenAnswer.safeParse(answer.body);
    if (!success) throw this.#problem('the metadata server gives no token', undefined);
    return {
      text: data.access_token,
      lifeMs: data.expires_in * 1000,
      quotaProject: undefined,
    };
  }

  async #byFile(file: string, contents: CredentialsFile, signal: AbortSignal): Promise<Token> {
    const watched: Watched = { failure: undefined, lifeMs: SHORT_LIFE_MS };
    const hint = `correct ${file}, the credentials of provider ${this.#options.config.name}`;
    try {
      const client = await this.#client(contents, watched, hint, signal);
      const { token } = await client.getAccessToken();
      if (!token) throw this.#problem('no token is given', hint);
      const { quota_project_id: quotaProject } = contents;
      return { text: token, lifeMs: watched.lifeMs, quotaProject };
    } catch (error) {
      // The library says less of it, and of a refusal by the network nothing.
      throw watched.failure ?? this.#problem(hidden(messageOf(error), contents), hint);
    }
  }

  /** A client of the library that sends what it sends by our transport, once. */
  async #client(
    contents: CredentialsFile,
    watched: Watched,
    hint: string,
    signal: AbortSignal,
  ): Promise<AuthClient> {
    const { gaxios } = await libraries.auth();
    const { token_uri: tokenUrl = LIBRARY_TOKEN_URL } = contents;
    const send = async (input: string | URL | Request, init: RequestInit = {}) => {
      const asked = input instanceof Request ? input.url : String(input);
      const url = asked === LIBRARY_TOKEN_URL ? tokenUrl : asked;
      try {
        return await this.#send(url, init, { watched, hint, contents }, signal);
      } catch (error) {
        if (error instanceof Error) watched.failure = error;
        throw error;
      }
    };
    class OneCall extends gaxios.Gaxios {
      override request<T = unknown>(options?: gaxios.GaxiosOptions) {
        const retryConfig = { retry: 0, noResponseRetries: 0 };
        return super.request<T>({
          ...options,
          ...{ retry: false, retryConfig, fetchImplementation: send },
        });
      }
    }
    return accountClient(contents, new OneCall());
  }

  async #send(
    url: string,
    init: RequestInit,
    { watched, hint, contents }: { watched: Watched; hint: string; contents: CredentialsFile },
    signal: AbortSignal,
  ): Promise<Response> {
    const { transport, clock } = this.#options;
    const { method = 'GET', body } = init;
    const text =
      body instanceof URLSearchParams || typeof body === 'string' ? String(body) : undefined;
    const request = {
      ...{ method, url, subject: `identity ${new URL(url).host}` },
      headers: Object.fromEntries(new Headers(init.headers)),
      ...(text !== undefined && { body: text }),
    };
    const answer = await transport.send(request, signal);
    const { status, headers } = answer;
    if (status < 200 || status >= 300) {
      const refusal = { call: `${method} ${request.subject}`, method, ...answer };
      throw this.#refusal({ ...refusal, text: hidden(answer.text, contents) }, hint);
    }
    const { success, data } = lifeAnswer.safeParse(answer.body);
    const { expires_in: seconds, expireTime } = success ? data : {};
    if (seconds !== undefined) watched.lifeMs = seconds * 1000;
    if (expireTime !== undefined) {
      const lifeMs = Date.parse(expireTime) - clock.now();
      if (Number.isFinite(lifeMs)) watched.lifeMs = Math.max(0, lifeMs);
    }
    return new Response(status === 204 ? null : answer.text, { status, headers });
  }

  #refusal(refusal: Refusal, hint: string): Error {
    const isFinal = FINAL_STATUSES.includes(refusal.status) && !PASSING.test(refusal.text);
    const { clock } = this.#options;
    return isFinal
      ? this.#problem(refusalMessage(refusal), hint)
      : refusalError(refusal, clock.now());
  }

  #problem(text: string, hint: string | undefined): CloudError {
    const { name } = this.#options.config;
    return new CloudError('NP_CLOUD_FATAL', `provider ${name}: ${text}`, {
      ...(hint !== undefined && { hint }),
    });
  }
}

/** Whoever answers might repeat what it was sent, as it is or within JSON. */
function hidden(text: string, contents: CredentialsFile): string {
  const { private_key: key, client_secret: secret, refresh_token: refresh } = contents;
  const secrets = [key, secret, refresh].flatMap((one) =>
    typeof one === 'string' && one !== '' ? [one, JSON.stringify(one).slice(1, -1)] : [],
  );
  return secrets
    .reduce((shown, one) => shown.replaceAll(one, '***'), text)
    .replace(/-----BEGIN.*?(-----END[^-]*-----|$)/gs, '***')
    .replace(/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '***');
}
