/**
 * Where the cluster is and what lets us in. All files are read anew when a pass ends and when the cluster
 * refuses one, so that new credentials need no restart.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Clock } from '../../../base/clock.ts';
import { CloudError, messageOf } from '../../../base/errors.ts';
import type { Logger } from '../../../base/log.ts';
import { Tokens } from '../../../cloud/tokens.ts';
import { proxyFor, type Environment } from '../../../cloud/proxy.ts';
import { AUTH_PROVIDER_LIFE_MS, AuthProvider } from './auth-provider.ts';
import { runExecPlugin } from './exec-plugin.ts';
import { inClusterPass, TOKEN_FILE_LIFE_MS } from './in-cluster.ts';
import { kubeConfigFiles, readKubeConfig, type KubeConfigChoice } from './kube-config.ts';
import type { Pass } from './passes.ts';

export interface LoginOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly environment: Environment;
  /** Of the kubeconfig; undefined: the current one. */
  readonly context: string | undefined;
  /** Where a pod finds its service account. */
  readonly serviceAccountFolder: string;
  /** Whose context it is, for errors: `provider one`. */
  readonly section: string;
}

export class Login {
  readonly #options: LoginOptions;
  readonly #authProvider: AuthProvider;
  readonly #passes: Tokens<Pass>;
  #last: Pass | undefined;

  constructor(options: LoginOptions) {
    const { clock, log, section } = options;
    this.#options = options;
    this.#authProvider = new AuthProvider(section);
    this.#passes = new Tokens<Pass>({ clock, log, issue: (signal) => this.#issue(signal) });
  }

  /**
   * What is good now.
   *
   * @throws CloudError
   */
  async current(signal: AbortSignal): Promise<Pass> {
    return this.#passes.current(signal);
  }

  /** The one that was had last. Undefined: none was. */
  get last(): Pass | undefined {
    return this.#last;
  }

  /** The cluster refuses it: all is read anew. */
  forget(pass: Pass): void {
    this.#passes.forget(pass);
  }

  /** What was good once and is not now is being changed: then even a missing file is for a while. */
  async #issue(signal: AbortSignal): Promise<Pass> {
    try {
      this.#last = await this.#read(signal);
      return this.#last;
    } catch (error) {
      if (this.#last === undefined || !(error instanceof CloudError)) throw error;
      const { message, hint } = error;
      throw new CloudError('NP_CLOUD_TRANSIENT', message, {
        labels: ['retryable'],
        ...(hint !== undefined && { hint }),
      });
    }
  }

  async #read(signal: AbortSignal): Promise<Pass> {
    const { environment, context, section, serviceAccountFolder: folder } = this.#options;
    const files = kubeConfigFiles(environment);
    const choice = await readKubeConfig(files, context, section);
    return choice === undefined
      ? inClusterPass({ environment, folder, files, section })
      : this.#passOf(choice, signal);
  }

  async #passOf(choice: KubeConfigChoice, signal: AbortSignal): Promise<Pass> {
    const { cluster, clusterFolder, user, userFolder, context } = choice;
    const proof = await this.#proofOf(choice, signal);
    const { server } = cluster;
    return {
      server,
      context,
      tls: {
        ca: await this.#pemOf(cluster, 'certificate-authority', clusterFolder),
        cert: proof.cert ?? (user && (await this.#pemOf(user, 'client-certificate', userFolder))),
        key: proof.key ?? (user && (await this.#pemOf(user, 'client-key', userFolder))),
        serverName: cluster['tls-server-name'],
        skipVerify: cluster['insecure-skip-tls-verify'] === true,
        proxyUrl: cluster['proxy-url'] ?? proxyFor(new URL(server), this.#options.environment),
      },
      headers: headersOf(proof, user?.as),
      token: proof.token,
      lifeMs: proof.lifeMs,
    };
  }

  /** In the order in which Python's client takes what there is. */
  async #proofOf(choice: KubeConfigChoice, signal: AbortSignal): Promise<Proof> {
    const { user, userFolder: folder, cluster } = choice;
    if (user === undefined) return { lifeMs: Infinity };
    const { 'auth-provider': provider, token, tokenFile, exec, username, password } = user;
    if (provider)
      return { token: await this.#authProvider.token(provider), lifeMs: AUTH_PROVIDER_LIFE_MS };
    if (token !== undefined && token.trim() !== '')
      return { token: token.trim(), lifeMs: Infinity };
    if (tokenFile !== undefined)
      return { token: await this.#tokenOf(folder, tokenFile), lifeMs: TOKEN_FILE_LIFE_MS };
    const { environment, clock, section } = this.#options;
    if (exec) return runExecPlugin({ exec, cluster, folder, environment, clock, section }, signal);
    if (username !== undefined && password !== undefined)
      return { basic: `${username}:${password}`, lifeMs: Infinity };
    return { lifeMs: Infinity };
  }

  async #tokenOf(folder: string, file: string): Promise<string> {
    const token = (await this.#contentOf('tokenFile', folder, file)).trim();
    if (token !== '') return token;
    throw new CloudError('NP_CLOUD_FATAL', `${this.#options.section}: ${file} is empty`, {
      hint: 'correct tokenFile in the kubeconfig',
    });
  }

  /** PEM. What stands in the section itself counts, else the file that it names. */
  async #pemOf(entry: Section, name: PemName, folder: string): Promise<string | undefined> {
    const { [name]: file, [`${name}-data` as const]: data } = entry;
    if (data !== undefined && data !== '') return Buffer.from(data, 'base64').toString('utf8');
    return file === undefined || file === '' ? undefined : this.#contentOf(name, folder, file);
  }

  async #contentOf(name: string, folder: string, file: string): Promise<string> {
    try {
      return await readFile(join(...(file.startsWith('/') ? [file] : [folder, file])), 'utf8');
    } catch (error) {
      const message = `${this.#options.section}: ${name} of the kubeconfig cannot be read: ${messageOf(error)}`;
      throw new CloudError('NP_CLOUD_FATAL', message, {
        hint: `correct ${name} in the kubeconfig`,
      });
    }
  }
}

type PemName = 'certificate-authority' | 'client-certificate' | 'client-key';
type Section = Partial<Record<PemName | `${PemName}-data`, string | undefined>>;

/** Who we are. */
interface Proof {
  readonly token?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly basic?: string | undefined;
  readonly lifeMs: number;
}

function headersOf({ token, basic }: Proof, as: string | undefined): Record<string, string> {
  return {
    ...(basic !== undefined && {
      authorization: `Basic ${Buffer.from(basic, 'utf8').toString('base64')}`,
    }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(as !== undefined && { 'impersonate-user': as }),
  };
}
