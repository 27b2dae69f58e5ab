/**
 * All that talks to one account and region: tokens, budgets, services. One budget of calls for VPC and
 * resource groups, as in the original, and one of its own for IAM.
 */
import type { IbmVpcOptions } from '../../../../schemas/config/drivers/ibmvpc.ts';
import type { ProviderConfig } from '../../../../schemas/config/model.ts';
import { packageVersion } from '../../../base/version.ts';
import { CloudCalls } from '../../../cloud/calls.ts';
import { openConnections, PLAIN_TLS, type Connections } from '../../../cloud/http-connections.ts';
import { Transport, type Fetch } from '../../../cloud/http-transport.ts';
import { Tokens } from '../../../cloud/tokens.ts';
import type { DriverEnv } from '../../driver.ts';
import { Caller } from './caller.ts';
import { noAnswerError } from './connection-errors.ts';
import { endpointsFor, type Endpoints } from './endpoints.ts';
import { Identity, type Token } from './identity.ts';
import { library } from './library.ts';
import { openServices, type IbmServices } from './services.ts';

/** What tests replace. */
export interface SessionOptions {
  /** How to reach IBM: all calls but those of the object storage. Default: Node's own HTTP. */
  readonly fetch?: Fetch | undefined;
  /** Instead of IBM's own hosts and those of `extensions:`. That of IAM stands in the credentials. */
  readonly endpoints?: Partial<Endpoints> | undefined;
  /** Until one call is given up. Default 30. */
  readonly timeoutSeconds?: number | undefined;
}

export interface Session {
  readonly services: IbmServices;
  /** For whoever calls IBM without these services: the object storage. */
  readonly tokens: Pick<Tokens<Token>, 'current' | 'forget'>;
  /** Until one call is given up; undefined: as usual. */
  readonly timeoutSeconds: number | undefined;
  /** Whether calls wait for their turn. */
  isBusy(): boolean;
  /** Ends what runs; later calls are refused. */
  close(): void;
}

/** Reads the credentials and has a first token, so that wrong ones are known at once. */
export async function openSession(
  config: ProviderConfig,
  env: DriverEnv,
  options: SessionOptions,
  signal: AbortSignal,
): Promise<Session> {
  const { clock, log, onHttp, environment } = env;
  const { region } = config.options as IbmVpcOptions;
  const endpoints = { ...endpointsFor(region, env.extension), ...options.endpoints };
  const connections = connectionsOf(options, environment);
  const { fetch } = connections;
  const userAgent = `nodepool-ts/${packageVersion()}`;
  const transport = new Transport({ fetch, clock, onHttp, userAgent, noAnswer: noAnswerError });
  const { timeoutSeconds } = options;
  const calls = newCalls(config, env, timeoutSeconds);
  const loginCalls = newCalls(config, env, timeoutSeconds);
  const identity = new Identity({ config, environment, clock, calls: loginCalls, transport });
  const tokens = new Tokens<Token>({ clock, log, issue: (inner) => identity.issue(inner) });
  const close = (): void => {
    calls.close();
    loginCalls.close();
    void connections.close();
  };
  try {
    // Loaded before a call whose deadline would count the time.
    await library();
    await tokens.current(signal);
  } catch (error) {
    close();
    throw error;
  }
  const caller = new Caller({ calls, tokens, endpoints, clock, transport });
  return {
    services: openServices(caller),
    tokens,
    timeoutSeconds,
    isBusy: () => calls.waiting > 0,
    close,
  };
}

function connectionsOf(
  { fetch }: SessionOptions,
  environment: DriverEnv['environment'],
): Connections {
  return fetch === undefined
    ? openConnections(PLAIN_TLS, environment)
    : { fetch, close: () => Promise.resolve() };
}

function newCalls(
  { callsPerSecond }: ProviderConfig,
  { clock, random }: DriverEnv,
  timeoutSeconds: number | undefined,
): CloudCalls {
  return new CloudCalls({ clock, random, callsPerSecond, timeoutSeconds });
}
