/**
 * AWS's SDK, as a provider uses it: one client for each service, made when its first call comes, and
 * the budgets of their calls. EC2 counts changing and reading calls apart; reading ones may be ten
 * times as many, as in Python Nodepool.
 *
 * The SDK repeats nothing itself and logs nothing but warnings: turns, deadlines and repetition are
 * CloudCalls'. Parts of an upload are the exception.
 */
import type { EBS } from '@aws-sdk/client-ebs';
import type { EC2, EC2ClientConfig } from '@aws-sdk/client-ec2';
import type { S3, S3Client } from '@aws-sdk/client-s3';
import type { ServiceQuotas } from '@aws-sdk/client-service-quotas';

import type { Clock } from '../../../base/clock.ts';
import type { Logger } from '../../../base/log.ts';
import { CloudCalls } from '../../../cloud/calls.ts';
import type { HttpDone } from '../../driver.ts';
import { connectionOptions } from './agents.ts';
import { Credentials } from './credentials.ts';
import { watchHttp } from './http-watch.ts';
import { withinDeadline } from './part-deadline.ts';
import { Service, type CallFacts } from './service.ts';
import type { StorageOptions } from './storage.ts';
import { thrownError } from './thrown.ts';

/** What tests replace. */
export interface SdkReplacements {
  /** Instead of the network. Default: Node's HTTP. */
  readonly requestHandler?: NonNullable<EC2ClientConfig['requestHandler']>;
  /** Address of all services. Default: AWS_ENDPOINT_URL and its like, else AWS's own. */
  readonly endpoint?: string;
  /** Default: the SDK's chain. */
  readonly credentials?: NonNullable<EC2ClientConfig['credentials']>;
  /** Longest for one try of any call. Default: each call's own, mostly 30. */
  readonly timeoutSeconds?: number;
}

export interface SdkOptions extends SdkReplacements {
  /** For errors: `provider one`. */
  readonly section: string;
  /** Undefined: AWS_REGION, or what the profile says. */
  readonly region: string | undefined;
  /** Undefined: AWS_PROFILE, else `default`. */
  readonly profile: string | undefined;
  /** Changing calls. Infinity: no limit. */
  readonly callsPerSecond: number;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Is told of each request. */
  readonly onHttp?: ((request: HttpDone) => void) | undefined;
}

export interface Sdk {
  readonly region: string | undefined;
  readonly ec2: Service<EC2>;
  readonly ebs: Service<EBS>;
  /** The same without a budget, for blocks. */
  readonly ebsData: Service<EBS>;
  readonly quotas: Service<ServiceQuotas>;
  readonly storage: StorageOptions;
  /** Ends all calls and connections. */
  close(): void;
}

/** Reading calls for each changing one. */
export const READING_FACTOR = 10;
/** Of one part of an upload, by the SDK: with its pauses it outlasts two minutes. */
const PART_TRIES = 12;
/** For one of these tries. */
const PART_SECONDS = 300;

/** Nothing is loaded and nothing called before the first call. */
export function openSdk(options: SdkOptions): Sdk {
  return new AwsSdk(options);
}

interface Destroyable {
  destroy(): void;
}

class AwsSdk implements Sdk {
  readonly ec2: Service<EC2>;
  readonly ebs: Service<EBS>;
  readonly ebsData: Service<EBS>;
  readonly quotas: Service<ServiceQuotas>;
  readonly storage: StorageOptions;
  readonly #options: SdkOptions;
  readonly #credentials: Credentials;
  readonly #calls: CloudCalls[] = [];
  readonly #clients = new Set<Destroyable>();
  #ec2: Promise<EC2> | undefined;
  #ebs: Promise<EBS> | undefined;
  #isClosed = false;

  constructor(options: SdkOptions) {
    this.#options = options;
    this.#credentials = new Credentials(async () => (await this.#openEc2()).config.credentials);
    const { callsPerSecond } = options;
    const reading = this.#budget(callsPerSecond * READING_FACTOR);
    const changing = this.#budget(callsPerSecond);
    this.ec2 = this.#service(() => this.#openEc2(), reading, changing);
    this.quotas = this.#service(() => this.#openQuotas(), this.#budget(callsPerSecond));
    this.ebs = this.#service(() => this.#openEbs(), this.#budget(callsPerSecond));
    this.ebsData = this.#service(() => this.#openEbs(), this.#budget(Infinity));
    this.storage = {
      s3: this.#service(() => this.#openS3(1), this.#budget(Infinity)),
      openUploader: (signal) => this.#openUploader(signal),
      sorted: (error) => this.#sorted(error, { call: 'PutObject', isReading: false }),
    };
  }

  get region(): string | undefined {
    return this.#options.region;
  }

  close(): void {
    this.#isClosed = true;
    for (const calls of this.#calls) calls.close();
    for (const client of this.#clients) client.destroy();
    this.#clients.clear();
  }

  #budget(callsPerSecond: number): CloudCalls {
    const { clock, random, timeoutSeconds } = this.#options;
    const calls = new CloudCalls({ clock, random, callsPerSecond, timeoutSeconds });
    this.#calls.push(calls);
    return calls;
  }

  #service<C>(open: () => Promise<C>, reading: CloudCalls, changing = reading): Service<C> {
    const { section, timeoutSeconds } = this.#options;
    return new Service({
      ...{ section, open, reading, changing, credentials: this.#credentials, timeoutSeconds },
      sorted: (error, facts) => this.#sorted(error, facts),
    });
  }

  #sorted(error: unknown, facts: CallFacts): Error {
    const { section, region, profile, clock } = this.#options;
    const haveCredentialsWorked = this.#credentials.haveWorked;
    const nowMs = clock.now();
    return thrownError(error, { ...facts, section, region, profile, haveCredentialsWorked, nowMs });
  }

  #openEc2(): Promise<EC2> {
    this.#ec2 ??= (async () => {
      const { EC2: Client } = await import('@aws-sdk/client-ec2');
      const { credentials } = this.#options;
      return this.#kept(
        'ec2',
        new Client({ ...(await this.#config()), ...(credentials && { credentials }) }),
      );
    })();
    return this.#ec2;
  }

  #openEbs(): Promise<EBS> {
    this.#ebs ??= (async () => {
      const { EBS: Client } = await import('@aws-sdk/client-ebs');
      return this.#kept('ebs', new Client(await this.#signedConfig()));
    })();
    return this.#ebs;
  }

  async #openQuotas(): Promise<ServiceQuotas> {
    const { ServiceQuotas: Client } = await import('@aws-sdk/client-service-quotas');
    return this.#kept('service-quotas', new Client(await this.#signedConfig()));
  }

  async #openS3(maxAttempts: number): Promise<S3> {
    const { S3: Client } = await import('@aws-sdk/client-s3');
    const s3 = new Client({ ...(await this.#signedConfig()), maxAttempts });
    // At an address of its own a bucket has no host name.
    const isOwnAddress =
      this.#options.endpoint !== undefined || (await configuredEndpoint(s3.config)) !== undefined;
    s3.config.forcePathStyle = isOwnAddress;
    return this.#kept('s3', s3);
  }

  async #openUploader(signal: AbortSignal): Promise<S3Client> {
    const s3 = await this.#openS3(PART_TRIES);
    const { clock } = this.#options;
    s3.config.requestHandler = withinDeadline(s3.config.requestHandler, {
      clock,
      signal,
      seconds: PART_SECONDS,
    });
    return s3;
  }

  /** With the credentials of the one chain. */
  async #signedConfig() {
    const ec2 = await this.#openEc2();
    return { ...(await this.#config()), credentials: ec2.config.credentials };
  }

  async #config() {
    const { region, profile, endpoint, requestHandler, log, environment } = this.#options;
    return {
      ...(region !== undefined && { region }),
      ...(profile !== undefined && { profile }),
      ...(endpoint !== undefined && { endpoint }),
      maxAttempts: 1,
      // Not in the SDK's types: the files of credentials are read anew for each look.
      ignoreCache: true,
      requestHandler: requestHandler ?? (await connectionOptions(environment)),
      logger: warningsOnly(log),
    };
  }

  /** Remembers the client for the end, and tells of its requests. */
  #kept<C extends Destroyable & Parameters<typeof watchHttp>[0]>(service: string, client: C): C {
    const { clock, onHttp } = this.#options;
    if (onHttp !== undefined) watchHttp(client, { service, clock, onHttp });
    if (this.#isClosed) client.destroy();
    else this.#clients.add(client);
    return client;
  }
}

/** AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3, or `endpoint_url` of a file. */
async function configuredEndpoint(config: object): Promise<unknown> {
  // Not in the SDK's types.
  const { serviceConfiguredEndpoint: find } = config as {
    readonly serviceConfiguredEndpoint?: () => Promise<unknown>;
  };
  return find?.();
}

/**
 * The SDK would write warnings to the console. At all other levels, errors too, it tells of requests
 * with all they hold; what has failed our own errors tell.
 */
function warningsOnly(log: Logger) {
  const ignored = (): void => undefined;
  const warn = (...words: unknown[]): void => {
    log.warn('AWS SDK', { words: words.map(String).join(' ') });
  };
  return { trace: ignored, debug: ignored, info: ignored, warn, error: ignored };
}
