/**
 * Keystone: gives tokens, and the catalog with each. Version 3 only.
 *
 * `auth_url` may or may not end with the version; where it does not, keystone is asked once.
 */
import { isDeepStrictEqual } from 'node:util';

import { z } from 'zod';

import type { Clock } from '../../../base/clock.ts';
import { CloudError, hasCode } from '../../../base/errors.ts';
import type { CloudCalls } from '../../../cloud/calls.ts';
import { checkedAddress } from './address.ts';
import { catalogSchema, type Catalog } from './catalog.ts';
import { refusalError, refusalMessage, type Refusal } from './errors.ts';
import {
  describeAuthentication,
  secretsOf,
  tokenRequest,
  type KeystoneAuthentication,
} from './identity-request.ts';
import type { HttpAnswer, HttpRequest, Transport } from '../../../cloud/http-transport.ts';
import { endpointParts, majorOf, newestOf, offeredVersions, versionUrl } from './versions.ts';

export interface Token {
  /** Undefined: calls go without one. */
  readonly id: string | undefined;
  /** Undefined: it is for something else than a project. */
  readonly projectId: string | undefined;
  readonly catalog: Catalog;
  /** Milliseconds from its issue to its end, by keystone's clock. Infinity: none is told. */
  readonly lifeMs: number;
}

export interface KeystoneOptions {
  /** The entry of clouds.yaml, for messages. */
  readonly cloud: string;
  readonly auth: KeystoneAuthentication;
  /** Reads the entry anew, where keystone refuses what it said. Default: it says the same. */
  readonly reload?: ((signal: AbortSignal) => Promise<KeystoneAuthentication>) | undefined;
  readonly transport: Transport;
  readonly calls: CloudCalls;
  readonly clock: Clock;
}

const SUBJECT = 'identity auth/tokens';

const tokenAnswer = z.object({
  token: z.object({
    issued_at: z.string().nullish(),
    expires_at: z.string().nullish(),
    project: z.object({ id: z.string() }).nullish(),
    catalog: catalogSchema.nullish(),
  }),
});

export class Keystone {
  readonly #options: KeystoneOptions;
  #auth: KeystoneAuthentication;
  /** With its version; found out once. */
  #url: string | undefined;

  constructor(options: KeystoneOptions) {
    this.#options = options;
    this.#auth = options.auth;
  }

  /**
   * A new token, with the credentials that clouds.yaml has by now if the known ones are refused. A
   * wrong password is NP_CLOUD_FATAL, which names who asked, never the secret.
   */
  async issue(signal: AbortSignal): Promise<Token> {
    try {
      return await this.#issue(signal);
    } catch (error) {
      if (!hasCode(error, 'NP_CLOUD_FATAL')) throw error;
      const auth = (await this.#options.reload?.(signal)) ?? this.#auth;
      if (isDeepStrictEqual(auth, this.#auth)) throw error;
      this.#auth = auth;
      this.#url = undefined;
      return this.#issue(signal);
    }
  }

  async #issue(signal: AbortSignal): Promise<Token> {
    const { calls } = this.#options;
    const auth = this.#auth;
    this.#url ??= await this.#findUrl(signal);
    const request = {
      method: 'POST',
      url: `${this.#url}/auth/tokens`,
      subject: SUBJECT,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(tokenRequest(auth)),
    };
    // A second token does no harm.
    const answer = await calls.run(signal, (inner) => this.#send(request, inner));
    return this.#read(answer);
  }

  async #findUrl(signal: AbortSignal): Promise<string> {
    const { cloud, calls } = this.#options;
    const whose = `auth_url of cloud ${cloud}`;
    const { base, version } = endpointParts(checkedAddress(this.#auth.authUrl, whose));
    if (version !== undefined && majorOf(version) === 3) return `${base}/${version}`;
    const request = { method: 'GET', url: `${base}/`, subject: 'identity versions' };
    const { body } = await calls.run(signal, (inner) => this.#send(request, inner));
    const versions = offeredVersions(body);
    // Keystone's root may be closed or somebody else's: then the version is where it usually is.
    if (versions === undefined || versions.length === 0) return `${base}/v3`;
    const newest = newestOf(versions, 3);
    if (newest !== undefined) return versionUrl(base, newest);
    throw new CloudError(
      'NP_CLOUD_FATAL',
      `keystone at ${base} speaks no version 3, but ${versions.map(({ id }) => id).join(', ')}`,
      { hint: `see auth_url of cloud ${cloud} in clouds.yaml` },
    );
  }

  /** Of the list of versions any refusal is an answer: only its absence is not. */
  async #send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const answer = await this.#options.transport.send(request, signal);
    const isList = request.method === 'GET';
    if (answer.status < 300 || (isList && answer.status < 500)) return answer;
    throw this.#refusal({ ...answer, method: request.method, subject: request.subject });
  }

  #refusal(answer: Refusal): CloudError {
    const { cloud, clock } = this.#options;
    const auth = this.#auth;
    const refusal = { ...answer, secrets: secretsOf(auth) };
    if (answer.status !== 401 && answer.status !== 404) return refusalError(refusal, clock.now());
    const who = describeAuthentication(auth);
    const where = `entry ${cloud} of clouds.yaml`;
    const hint =
      answer.status === 401
        ? `correct ${where}: keystone at ${auth.authUrl} refuses ${who}`
        : // Of a token and an application credential that are no more, too.
          `correct auth_url in ${where}, or what it signs in with: there is no keystone at ` +
          `${auth.authUrl}, or it does not know ${who}`;
    return new CloudError('NP_CLOUD_FATAL', refusalMessage(refusal), { hint });
  }

  #read({ headers, body }: HttpAnswer): Token {
    const id = headers.get('x-subject-token');
    const { success, data } = tokenAnswer.safeParse(body);
    if (id === null || !success)
      throw new CloudError('NP_CLOUD_TRANSIENT', `POST ${SUBJECT}: the answer is not understood`, {
        labels: ['retryable'],
        hint: `see that auth_url of cloud ${this.#options.cloud} is that of a keystone`,
      });
    const { token } = data;
    return {
      id,
      projectId: token.project?.id,
      catalog: token.catalog ?? [],
      lifeMs: lifeMs(token.issued_at, token.expires_at, this.#options.clock.now()),
    };
  }
}

/** By keystone's clock, so that ours may be wrong. */
function lifeMs(
  issuedAt: string | null | undefined,
  expiresAt: string | null | undefined,
  nowMs: number,
): number {
  const endMs = Date.parse(expiresAt ?? '');
  if (Number.isNaN(endMs)) return Infinity;
  const startMs = Date.parse(issuedAt ?? '');
  return Math.max(0, endMs - (Number.isNaN(startMs) ? nowMs : startMs));
}
