/**
 * IAM: gives tokens for all services of an account. How they are asked for is the business of IBM's
 * library, which knows all kinds of credentials; each request goes our way. Credentials are read anew
 * for each token. A wrong key is NP_CLOUD_FATAL, which names file and provider, never the key.
 */
import type { IbmVpcOptions } from '../../../../schemas/config/drivers/ibmvpc.ts';
import type { ProviderConfig } from '../../../../schemas/config/model.ts';
import type { Clock } from '../../../base/clock.ts';
import { CloudError, messageOf } from '../../../base/errors.ts';
import type { CloudCalls } from '../../../cloud/calls.ts';
import type { Transport } from '../../../cloud/http-transport.ts';
import type { Environment } from '../../../cloud/proxy.ts';
import type { Lasting } from '../../../cloud/tokens.ts';
import { openAuthenticator, type AuthenticateOptions, type Seen } from './authenticator.ts';
import { readCredentials, type Credentials } from './credentials.ts';
import { refusalError, refusalMessage, type Refusal } from './errors.ts';
import { hidden } from './secrets.ts';

/** What IBM lets us in with. */
export interface Token extends Lasting {
  /** The header: `Bearer ...`. Empty: the credentials ask for none. */
  readonly authorization: string;
}

export interface IdentityOptions {
  readonly config: ProviderConfig;
  readonly environment: Environment;
  readonly clock: Clock;
  /** Calls to IAM have a budget of their own. */
  readonly calls: CloudCalls;
  readonly transport: Transport;
}

/** What IAM says with 400 or 5xx that it may not say later. */
const FINAL_STATUSES: readonly number[] = [400, 401, 403, 404];

export class Identity {
  readonly #options: IdentityOptions;

  constructor(options: IdentityOptions) {
    this.#options = options;
  }

  /** A new token. A second one does no harm, so the call is repeated as any. */
  async issue(signal: AbortSignal): Promise<Token> {
    const { config, environment, calls } = this.#options;
    const credentials = await readCredentials(config, environment);
    return calls.run(signal, (inner) => this.#ask(credentials, inner));
  }

  async #ask(credentials: Credentials, signal: AbortSignal): Promise<Token> {
    const { transport } = this.#options;
    const seen: Seen = { failure: undefined, lifeMs: Infinity };
    try {
      const authenticator = await openAuthenticator(credentials.properties, {
        ...{ transport, signal, seen },
        refused: (refusal) => this.#refusal(refusal, credentials),
      });
      const request: AuthenticateOptions = {};
      await authenticator.authenticate(request);
      const authorization = request.headers?.Authorization;
      return {
        authorization: typeof authorization === 'string' ? authorization : '',
        lifeMs: seen.lifeMs,
      };
    } catch (error) {
      // The library says less of it, and of a refusal by the network nothing.
      throw seen.failure ?? this.#problem(hidden(messageOf(error), credentials), credentials);
    }
  }

  #refusal(refusal: Refusal, credentials: Credentials): Error {
    const clean = { ...refusal, text: hidden(refusal.text, credentials) };
    return FINAL_STATUSES.includes(refusal.status)
      ? this.#problem(refusalMessage(clean), credentials)
      : refusalError(clean, this.#options.clock.now());
  }

  #problem(text: string, { source }: Credentials): CloudError {
    const { name, place, options } = this.#options.config;
    const { credentialsFile } = options as IbmVpcOptions;
    const which = credentialsFile === undefined ? '' : ', which credentials-file names';
    const hint = `correct the credentials of provider ${name} (${place}): ${source}${which}`;
    return new CloudError('NP_CLOUD_FATAL', text, { hint });
  }
}
