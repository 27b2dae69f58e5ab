/**
 * One HTTP request and its whole answer: the ground below IBM's library, and what tests replace.
 *
 * Connections are kept open for the next call, a bounded number to each server, and go through the
 * proxy that the environment names. Redirects are not followed: the token must go to nobody else.
 */
import { Agent, ProxyAgent, fetch as undiciFetch, type Dispatcher } from 'undici';

import { proxyFor, type Environment } from '../../../cloud/proxy.ts';

/** What is given to `fetch`; a part of the standard's RequestInit. */
export interface FetchInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  /** JSON, or a form. */
  readonly body?: string;
  readonly redirect: 'manual';
  readonly signal: AbortSignal;
}

/** A part of the standard's Response. */
export interface FetchResponse {
  readonly status: number;
  readonly headers: Iterable<[string, string]>;
  text(): Promise<string>;
}

/** Rejects where there is no answer. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>;

export interface Connections {
  readonly fetch: Fetch;
  /** Ends what is open. */
  close(): Promise<void>;
}

/** To one server. More calls wait, inside their deadlines. */
const MOST_CONNECTIONS = 32;

/** Node's own HTTP. Certificates of NODE_EXTRA_CA_CERTS are trusted, too. */
export function openConnections(environment: Environment): Connections {
  // Calls have deadlines of their own.
  const shared = { connections: MOST_CONNECTIONS, headersTimeout: 0, bodyTimeout: 0 };
  const direct = new Agent(shared);
  const proxied = new Map<string, ProxyAgent>();
  const dispatcherFor = (url: string): Dispatcher => {
    const uri = proxyFor(new URL(url), environment);
    if (uri === undefined) return direct;
    const agent = proxied.get(uri) ?? new ProxyAgent({ ...shared, uri });
    proxied.set(uri, agent);
    return agent;
  };
  return {
    fetch: (url, init) => undiciFetch(url, { ...init, dispatcher: dispatcherFor(url) }),
    close: async () => {
      await Promise.all([direct, ...proxied.values()].map((one) => one.destroy()));
    },
  };
}
