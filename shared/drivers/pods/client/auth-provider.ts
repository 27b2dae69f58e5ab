/**
 * Tokens of the kubeconfig's older `auth-provider`s (`oidc`, `gcp`, `azure`), which Kubernetes' own
 * library renews. Its state is kept as long as the section is the same: a refresh token may be good once.
 */
import type { RequestOptions } from 'node:https';

import type { KubeConfig } from '@kubernetes/client-node';

import { CloudError, messageOf } from '../../../base/errors.ts';
import { lastWords } from './exec-plugin.ts';
import type { UserSection } from './kube-config.ts';
import { loadLibrary } from './libraries.ts';

type AuthProviderSection = NonNullable<UserSection['auth-provider']>;

/** The library renews only what it is asked for, so it is asked as often as client-go reads a file. */
export const AUTH_PROVIDER_LIFE_MS = 60_000;

export class AuthProvider {
  readonly #section: string;
  #kept: { readonly key: string; readonly config: KubeConfig } | undefined;

  /** `section`: whose context it is, for errors. */
  constructor(section: string) {
    this.#section = section;
  }

  /** @throws CloudError NP_CLOUD_TRANSIENT */
  async token(provider: AuthProviderSection): Promise<string> {
    const config = await this.#configOf(provider);
    const options: RequestOptions = {};
    try {
      await config.applyToHTTPSOptions(options);
    } catch (error) {
      throw this.#error(provider, lastWords(messageOf(error)));
    }
    const [, token] = /^Bearer (\S+)/.exec(authorizationOf(options)) ?? [];
    if (token === undefined || token === 'undefined' || token === 'null')
      throw this.#error(provider, 'it gives no token');
    return token;
  }

  async #configOf(provider: AuthProviderSection): Promise<KubeConfig> {
    const key = JSON.stringify(provider);
    if (this.#kept?.key === key) return this.#kept.config;
    const { KubeConfig } = await loadLibrary();
    const config = new KubeConfig();
    config.loadFromOptions({
      clusters: [{ name: 'cluster', server: 'https://localhost', skipTLSVerify: false }],
      users: [{ name: 'user', authProvider: structuredClone(provider) }],
      contexts: [{ name: 'context', cluster: 'cluster', user: 'user' }],
      currentContext: 'context',
    });
    this.#kept = { key, config };
    return config;
  }

  #error({ name }: AuthProviderSection, words: string): CloudError {
    return new CloudError(
      'NP_CLOUD_TRANSIENT',
      `${this.#section}: no token from the auth-provider ${name} of the kubeconfig: ${words}`,
      { labels: ['retryable'], hint: 'log in anew, or use exec instead, which replaces it' },
    );
  }
}

function authorizationOf({ headers }: RequestOptions): string {
  const { Authorization: text } = (headers ?? {}) as Readonly<Record<string, unknown>>;
  return typeof text === 'string' ? text : '';
}
