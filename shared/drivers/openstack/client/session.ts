/**
 * A session with one cloud and region: keystone's token, the catalog, and the services in it.
 *
 * Nothing is called before the first service is asked for. Each service has a budget of calls of its
 * own, as in openstacksdk, and so has keystone.
 */
import type { Clock } from '../../../base/clock.ts';
import { CloudError } from '../../../base/errors.ts';
import { silentLogger, type Logger } from '../../../base/log.ts';
import { packageVersion } from '../../../base/version.ts';
import { CloudCalls } from '../../../cloud/calls.ts';
import { openConnections, type Connections } from '../../../cloud/http-connections.ts';
import { Transport, type Fetch } from '../../../cloud/http-transport.ts';
import { SharedCalls } from '../../../cloud/shared-calls.ts';
import { Tokens } from '../../../cloud/tokens.ts';
import type { HttpDone } from '../../driver.ts';
import { Caller, type TokenSource } from './caller.ts';
import { findEndpoint } from './catalog.ts';
import type { Authentication, CloudConfig, ServiceType } from './cloud-config.ts';
import { noAnswerError } from './connection-errors.ts';
import { discover } from './discovery.ts';
import { HttpService } from './http-service.ts';
import { Keystone, type Token } from './identity.ts';
import type { KeystoneAuthentication } from './identity-request.ts';
import type { Environment } from '../../../cloud/proxy.ts';
import type { Service, Session } from './service.ts';

export interface SessionOptions {
  readonly config: CloudConfig;
  /** Reads the configuration anew, where keystone refuses its credentials. Default: they stay. */
  readonly reload?: (signal: AbortSignal) => Promise<CloudConfig>;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** To each service. Infinity: no limit. */
  readonly callsPerSecond: number;
  /** Default: nothing is logged. */
  readonly log?: Logger;
  /** Where `https_proxy` and its like come from. Default: no proxies. */
  readonly environment?: Environment;
  /** How to reach the cloud; tests give their own. */
  readonly fetch?: Fetch;
  /** Is told of each request. */
  readonly onHttp?: ((request: HttpDone) => void) | undefined;
}

/** NP_CLOUD_FATAL where the configuration can never work; nothing is called yet. */
export function openSession(options: SessionOptions): Session {
  return new CloudSession(options);
}

class CloudSession implements Session {
  readonly #options: SessionOptions;
  readonly #log: Logger;
  readonly #transport: Transport;
  readonly #tokens: TokenSource;
  readonly #calls = new Set<CloudCalls>();
  readonly #callers: Readonly<Record<ServiceType, Caller>>;
  readonly #services = new Map<ServiceType, Service>();
  readonly #searches = new SharedCalls<Service | undefined>();
  readonly #connections: Connections;

  constructor(options: SessionOptions) {
    const { config, environment = {} } = options;
    this.#options = options;
    this.#log = options.log ?? silentLogger;
    this.#connections =
      options.fetch === undefined
        ? openConnections(config.tls, environment)
        : { fetch: options.fetch, close: () => Promise.resolve() };
    const userAgent = `nodepool-ts/${packageVersion()}`;
    const { clock, onHttp } = options;
    this.#transport = new Transport({
      ...{ fetch: this.#connections.fetch, userAgent, clock, onHttp },
      noAnswer: noAnswerError,
    });
    this.#tokens = this.#tokenSource();
    this.#callers = {
      compute: this.#caller(),
      network: this.#caller(),
      image: this.#caller(),
      'block-storage': this.#caller(),
    };
  }

  async service(type: ServiceType, signal: AbortSignal): Promise<Service | undefined> {
    if (this.#options.config.services[type].isDisabled === true) return undefined;
    const known = this.#services.get(type);
    if (known !== undefined) return known;
    return this.#searches.run(type, signal, (inner) => this.#find(type, inner));
  }

  async projectId(signal: AbortSignal): Promise<string | undefined> {
    return (await this.#tokens.current(signal)).projectId;
  }

  async close(): Promise<void> {
    for (const calls of this.#calls) calls.close();
    await this.#connections.close();
  }

  #tokenSource(): TokenSource {
    const { config, clock } = this.#options;
    const { auth, name: cloud } = config;
    if (auth.method === 'none') return fixedToken(auth.token, cloud);
    const calls = this.#newCalls();
    const { reload } = this.#options;
    const keystone = new Keystone({
      ...{ cloud, auth, transport: this.#transport, calls, clock },
      reload: reload && (async (signal) => keystoneOf((await reload(signal)).auth) ?? auth),
    });
    return new Tokens({ clock, log: this.#log, issue: (signal) => keystone.issue(signal) });
  }

  #caller(): Caller {
    return new Caller({
      transport: this.#transport,
      calls: this.#newCalls(),
      clock: this.#options.clock,
      log: this.#log,
      tokens: this.#tokens,
    });
  }

  #newCalls(): CloudCalls {
    const { clock, random, callsPerSecond, config } = this.#options;
    const timeoutSeconds = config.apiTimeoutSeconds;
    const calls = new CloudCalls({ clock, random, callsPerSecond, timeoutSeconds });
    this.#calls.add(calls);
    return calls;
  }

  async #find(type: ServiceType, signal: AbortSignal): Promise<Service | undefined> {
    const { apiVersion, defaultMicroversion } = this.#options.config.services[type];
    const address = await this.#address(type, signal);
    if (address === undefined) return undefined;
    const caller = this.#callers[type];
    const endpoint = await discover({
      type,
      address,
      apiVersion,
      get: (url) =>
        caller.call(
          {
            method: 'GET',
            url,
            subject: `${type} versions`,
            headers: {},
            isAnswer: ({ status }) => status < 500 && status !== 401 && status !== 429,
            isRepeatable: true,
          },
          signal,
        ),
    });
    this.#log.debug('cloud service found', { service: type, ...endpoint });
    const service = new HttpService({
      ...{ type, endpoint, defaultMicroversion, caller },
      timeoutSeconds: this.#options.config.apiTimeoutSeconds,
    });
    this.#services.set(type, service);
    return service;
  }

  /** Of clouds.yaml, else of the catalog. Undefined: the cloud has no such service. */
  async #address(type: ServiceType, signal: AbortSignal): Promise<string | undefined> {
    const { config } = this.#options;
    const options = config.services[type];
    const fixed = config.auth.method === 'none' ? config.auth.endpoint : undefined;
    const override = options.endpointOverride ?? fixed;
    if (override !== undefined && !PROJECT_PLACE.test(override)) return override;
    const { catalog, projectId } = await this.#tokens.current(signal);
    if (override !== undefined) return override.replaceAll(PROJECT_PLACES, projectId ?? '');
    if (catalog.length === 0 && config.auth.method !== 'none')
      throw new CloudError('NP_CLOUD_FATAL', 'keystone gives a token without a catalog', {
        hint: `name a project in entry ${config.name} of clouds.yaml`,
      });
    return findEndpoint(catalog, { type, options, regionName: config.regionName });
  }
}

/** Where the project's id stands in an endpoint of clouds.yaml. */
const PROJECT_PLACE = /[%$]\((project|tenant)_id\)s/;
const PROJECT_PLACES = new RegExp(PROJECT_PLACE, 'g');

/** Undefined: by now the cloud is one without keystone, for which the provider has to start anew. */
function keystoneOf(auth: Authentication): KeystoneAuthentication | undefined {
  return auth.method === 'none' ? undefined : auth;
}

/** Without keystone. */
function fixedToken(id: string | undefined, cloud: string): TokenSource {
  if (id !== undefined && !/^[\x21-\x7e]+$/.test(id))
    throw new CloudError('NP_CLOUD_FATAL', 'the token has characters that no header can hold', {
      hint: `correct the token in entry ${cloud} of clouds.yaml`,
    });
  const token: Token = { id, projectId: undefined, catalog: [], lifeMs: Infinity };
  return { current: () => Promise.resolve(token), forget: () => undefined };
}
