/**
 * All that talks to one subscription: tokens, budgets, services. One budget of calls for the Resource
 * Manager, as in the original, and one of its own for Entra ID.
 */
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';

import type { AzureOptions } from '../../../../schemas/config/drivers/azure.ts';
import type { ProviderConfig } from '../../../../schemas/config/model.ts';
import { CloudCalls } from '../../../cloud/calls.ts';
import { listingSeconds } from '../../../cloud/listing-pace.ts';
import { Tokens } from '../../../cloud/tokens.ts';
import type { DriverEnv } from '../../driver.ts';
import { readPrincipal } from './auth-file.ts';
import { Caller } from './caller.ts';
import type { Token } from './http.ts';
import { Identity } from './identity.ts';
import { libraries } from './libraries.ts';
import { Sdk } from './sdk.ts';
import { openServices, type AzureServices } from './services.ts';

/** What tests replace. */
export interface SessionOptions {
  /** How to reach Azure. Default: Node's own HTTP, with the proxies of the environment. */
  readonly httpClient?: HttpClient | undefined;
  /** Who gives tokens. Default: the service principal of the auth file. */
  readonly credential?: TokenCredential | undefined;
  /** Until one call is given up. Default 30. */
  readonly timeoutSeconds?: number | undefined;
}

export interface Session {
  readonly services: AzureServices;
  /** Whether calls wait for their turn. */
  isBusy(): boolean;
  /** Ends what runs; later calls are refused. */
  close(): void;
}

/** Reads the auth file and has a first token, so that wrong credentials are known at once. */
export async function openSession(
  config: ProviderConfig,
  env: DriverEnv,
  options: SessionOptions,
  signal: AbortSignal,
): Promise<Session> {
  // Subscription and addresses stay those of the start; ids and secret are read anew for each token.
  const principal = await readPrincipal(config);
  const { clock, log, onHttp } = env;
  const http = options.httpClient ?? (await defaultHttp());
  const { credential, timeoutSeconds } = options;
  const calls = newCalls(config, env, timeoutSeconds);
  const loginCalls = newCalls(config, env, timeoutSeconds);
  const identity = new Identity({ config, clock, calls: loginCalls, http, onHttp, credential });
  const tokens = new Tokens<Token>({ clock, log, issue: (inner) => identity.issue(inner) });
  const close = (): void => {
    calls.close();
    loginCalls.close();
  };
  try {
    await tokens.current(signal);
  } catch (error) {
    close();
    throw error;
  }
  const sdk = new Sdk({ principal, tokens, clock, http, onHttp });
  // Needed in any case: no launch has to wait for it.
  await sdk.compute();
  const lookSeconds = listingSeconds(env.pollSeconds, config.callsPerSecond);
  const caller = new Caller({ sdk, calls, tokens, clock, lookSeconds });
  const { resourceGroup } = config.options as AzureOptions;
  return {
    services: openServices(caller, resourceGroup),
    isBusy: () => calls.waiting > 0,
    close,
  };
}

function newCalls(
  { callsPerSecond }: ProviderConfig,
  { clock, random }: DriverEnv,
  timeoutSeconds: number | undefined,
): CloudCalls {
  return new CloudCalls({ clock, random, callsPerSecond, timeoutSeconds });
}

async function defaultHttp(): Promise<HttpClient> {
  const { createDefaultHttpClient } = await libraries.http();
  return createDefaultHttpClient();
}
