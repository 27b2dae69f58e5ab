/**
 * The service account that Zuul is in a namespace or project of ours, and its token:
 *
 *   service account -> secret that Kubernetes fills with a token -> sight until it is there
 *
 * The secret must come after the account: Kubernetes deletes token secrets of accounts that are not
 * there. Where secrets may not be made, the token is one that OpenShift lists in the account, as it did
 * up to 4.10.
 *
 * Facts: createNamespace and prepareProject of nodepool/driver/{kubernetes,openshift}/provider.py;
 * kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin.
 */
import type { Clock } from '../../base/clock.ts';
import { CloudError } from '../../base/errors.ts';
import { sleep, withDeadline } from '../../base/wait.ts';
import type { Cluster } from './client/cluster.ts';
import { isForbidden, isTaken } from './client/errors.ts';
import type { Secret } from './client/objects.ts';
import { WORKER, type Access } from './connection.ts';
import type { Sight } from './sight.ts';

/** Until the token has to be there, as in Python Nodepool. */
const TOKEN_SECONDS = 30;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

export interface AccountsOptions {
  readonly cluster: Cluster;
  readonly secrets: Sight<Secret>;
  readonly clock: Clock;
}

export class Accounts {
  readonly #options: AccountsOptions;

  constructor(options: AccountsOptions) {
    this.#options = options;
  }

  /** The account itself, by which pods may run. */
  create(namespace: string, signal: AbortSignal): Promise<void> {
    const body = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: WORKER } };
    return unlessTaken(this.#options.cluster.serviceAccounts(namespace).create(body, signal));
  }

  /** What lets Zuul in, once the account is there. */
  access(namespace: string, signal: AbortSignal): Promise<Access> {
    const { clock } = this.#options;
    const ms = TOKEN_SECONDS * 1000;
    const error = (): Error =>
      new CloudError(
        'NP_CLOUD_TRANSIENT',
        `${namespace}: no token for service account ${WORKER} within ${TOKEN_SECONDS} s`,
        { labels: ['retryable'] },
      );
    return withDeadline({ clock, ms, signal, error }, (inner) => this.#token(namespace, inner));
  }

  async #token(namespace: string, signal: AbortSignal): Promise<Access> {
    const { cluster, secrets } = this.#options;
    try {
      await unlessTaken(cluster.secrets(namespace).create(tokenSecret(), signal));
    } catch (error) {
      if (!isForbidden(error)) throw error;
      return this.#listed(namespace, signal);
    }
    return secrets.until({ namespace, name: WORKER }, accessOf, signal);
  }

  async #listed(namespace: string, signal: AbortSignal): Promise<Access> {
    const { cluster, clock } = this.#options;
    const secrets = cluster.secrets(namespace);
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      const account = await cluster.serviceAccounts(namespace).get(WORKER, signal);
      for (const { name } of account?.secrets ?? []) {
        if (name === undefined) continue;
        const access = accessOf(await secrets.get(name, signal));
        if (access !== undefined) return access;
      }
      await sleep(clock, pauseMs, signal);
    }
  }
}

/** What is there already was made by an earlier try, as all that is in a namespace of ours. */
export async function unlessTaken(creation: Promise<unknown>): Promise<void> {
  try {
    await creation;
  } catch (error) {
    if (!isTaken(error)) throw error;
  }
}

function tokenSecret(): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/service-account-token',
    metadata: { name: WORKER, annotations: { 'kubernetes.io/service-account.name': WORKER } },
  };
}

/** Undefined: Kubernetes has not filled it yet, or it is of another kind. */
function accessOf(secret: Secret | undefined): Access | undefined {
  const { token = '', 'ca.crt': caCrt = '' } = secret?.data ?? {};
  if (token === '' || caCrt === '') return undefined;
  return { token: Buffer.from(token, 'base64').toString('utf8'), caCrt };
}
