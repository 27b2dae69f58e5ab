/**
 * All that talks to one project: tokens, budgets, services. One budget of calls for the Compute Engine,
 * as in the original, and one of its own for tokens.
 */
import type { GceOptions } from '../../../../schemas/config/drivers/gce.ts';
import type { ProviderConfig } from '../../../../schemas/config/model.ts';
import { CloudError } from '../../../base/errors.ts';
import { packageVersion } from '../../../base/version.ts';
import { CloudCalls } from '../../../cloud/calls.ts';
import { PLAIN_TLS, openConnections } from '../../../cloud/http-connections.ts';
import { Transport, type Fetch } from '../../../cloud/http-transport.ts';
import { Tokens } from '../../../cloud/tokens.ts';
import type { DriverEnv } from '../../driver.ts';
import { Caller } from './caller.ts';
import { noAnswerError } from './connection-errors.ts';
import { endpointFor } from './endpoint.ts';
import { CloudHttp, type Token } from './http.ts';
import { Identity } from './identity.ts';
import type { GcePlace } from './place.ts';
import { Sdk } from './sdk.ts';
import { openServices, type GceServices } from './services.ts';

/** What tests replace. */
export interface SessionOptions {
  /**
   * How to reach Google, the token and metadata servers included. Default: Node's own HTTP, with the
   * proxies of the environment.
   */
  readonly fetch?: Fetch | undefined;
  /** Where the Compute Engine is, without a path. Default: as endpoint.ts says. */
  readonly endpoint?: string | undefined;
  /** Until one call is given up. Default 30. */
  readonly timeoutSeconds?: number | undefined;
}

export interface Session {
  readonly services: GceServices;
  readonly place: GcePlace;
  /** Whether calls wait for their turn. */
  isBusy(): boolean;
  /** Ends what runs; later calls are refused. */
  close(): void;
}

/** Finds the credentials and has a first token, so that wrong ones are known at once. */
export async function openSession(
  config: ProviderConfig,
  env: DriverEnv,
  options: SessionOptions,
  signal: AbortSignal,
): Promise<Session> {
  const { clock, log, environment, onHttp } = env;
  const place = placeOf(config);
  const endpoint =
    options.endpoint === undefined ? endpointFor(env.extension) : new URL(options.endpoint);
  const connections =
    options.fetch === undefined
      ? openConnections(PLAIN_TLS, environment)
      : { fetch: options.fetch, close: () => Promise.resolve() };
  const calls = newCalls(config, env, options);
  const tokenCalls = newCalls(config, env, options);
  const close = (): void => {
    calls.close();
    tokenCalls.close();
    // Nobody waits for it: what runs has been ended just now.
    void connections.close();
  };
  const transport = new Transport({
    fetch: connections.fetch,
    ...{ userAgent: `nodepool-ts/${packageVersion()}`, clock, onHttp, noAnswer: noAnswerError },
  });
  const identity = new Identity({ config, environment, clock, calls: tokenCalls, transport });
  const tokens = new Tokens<Token>({ clock, log, issue: (inner) => identity.issue(inner) });
  try {
    await tokens.current(signal);
    const http = new CloudHttp({ transport, tokens, clock });
    const sdk = new Sdk({ http, endpoint });
    // Needed in any case: no launch has to wait for it.
    await sdk.instances();
    const caller = new Caller({ sdk, calls, tokens });
    return { services: openServices(caller, place), place, isBusy: () => calls.waiting > 0, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** @throws CloudError NP_CLOUD_FATAL where the section does not say where machines are to be. */
function placeOf({ name, place, options }: ProviderConfig): GcePlace {
  const { project, zone, region } = options as GceOptions;
  if (project !== undefined && zone !== undefined && region !== undefined)
    return { project, zone, region };
  throw new CloudError('NP_CLOUD_FATAL', `provider ${name} lacks project, region or zone`, {
    hint: `name them at ${place}`,
  });
}

function newCalls(
  { callsPerSecond }: ProviderConfig,
  { clock, random }: DriverEnv,
  { timeoutSeconds }: SessionOptions,
): CloudCalls {
  return new CloudCalls({ clock, random, callsPerSecond, timeoutSeconds });
}
