/** A cloud without a network: answers by method and address, every call noted. */
import { ManualClock } from '../../../../../fixtures/clock.ts';
import type { CloudConfig } from '../../../../../shared/drivers/openstack/client/cloud-config.ts';
import {
  openSession,
  type SessionOptions,
} from '../../../../../shared/drivers/openstack/client/session.ts';
import type { Fetch } from '../../../../../shared/cloud/http-transport.ts';

export const never = (): AbortSignal => new AbortController().signal;

export interface SeenCall {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly atMs: number;
}

export interface Reply {
  readonly status?: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An error: there is no answer. `hang`: none ever. */
export type Answer = Reply | Error | 'hang';
/** A list is used up one by one; its last answer stays. */
export type Script = Answer | Answer[] | ((call: SeenCall) => Answer);

export class ScriptedCloud {
  readonly clock = new ManualClock(Date.parse('2026-01-01T00:00:00Z'));
  readonly calls: SeenCall[] = [];
  readonly #scripts = new Map<string, Script>();

  /** `what`: `GET http://nova/v2.1/`, with its query; without the method it is for all. */
  on(what: string, script: Script): this {
    this.#scripts.set(what, script);
    return this;
  }

  readonly fetch: Fetch = async (url, init) => {
    const body = await textOf(init.body);
    const { method, headers } = init;
    const call = { method, url, headers, body, atMs: this.clock.monotonic() };
    this.calls.push(call);
    const answer = this.#answer(call);
    if (answer instanceof Error) throw answer;
    if (answer === 'hang') return new Promise(() => undefined);
    const text = answer.text ?? (answer.json === undefined ? '' : JSON.stringify(answer.json));
    const status = answer.status ?? 200;
    return new Response(text === '' ? null : text, { status, headers: { ...answer.headers } });
  };

  /** The calls as `GET http://...`. */
  get log(): readonly string[] {
    return this.calls.map(({ method, url }) => `${method} ${url}`);
  }

  /** Forgets the calls so far, and says which they were. */
  take(): readonly string[] {
    const { log } = this;
    this.calls.length = 0;
    return log;
  }

  session(config: CloudConfig, options: Partial<SessionOptions> = {}) {
    const { clock, fetch } = this;
    return openSession({
      ...{ config, clock, fetch, random: () => 0.5, callsPerSecond: Infinity },
      ...options,
    });
  }

  #answer(call: SeenCall): Answer {
    const { method, url } = call;
    const script = this.#scripts.get(`${method} ${url}`) ?? this.#scripts.get(url);
    if (script === undefined) return { status: 404, text: `nothing at ${method} ${url}` };
    if (typeof script === 'function') return script(call);
    if (!Array.isArray(script)) return script;
    const [first] = script;
    if (script.length > 1) script.shift();
    return first ?? { status: 404 };
  }
}

async function textOf(body: string | AsyncIterable<Uint8Array> | undefined): Promise<string> {
  if (body === undefined || typeof body === 'string') return body ?? '';
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

export const TOKENS = 'POST http://keystone/v3/auth/tokens';

/** One region `R`, all services, tokens `token-1`, `token-2`, ... that live an hour. */
export function usualCloud(options: { readonly lifeSeconds?: number } = {}): ScriptedCloud {
  const cloud = new ScriptedCloud();
  let issued = 0;
  cloud.on(TOKENS, () => {
    issued++;
    return tokenReply(`token-${issued}`, options.lifeSeconds);
  });
  cloud.on('GET http://nova/v2.1/', versionReply('v2.1', '2.1', '2.93'));
  cloud.on('GET http://cinder/v3/', {
    json: { versions: [{ id: 'v3.0', min_version: '3.0', version: '3.70' }] },
  });
  cloud.on('GET http://neutron/', {
    json: { versions: [{ id: 'v2.0', links: [{ rel: 'self', href: 'http://neutron/v2.0/' }] }] },
  });
  cloud.on('GET http://glance/', {
    status: 300,
    json: {
      versions: [
        { id: 'v2.15', links: [{ rel: 'self', href: 'http://glance/v2/' }] },
        { id: 'v1.1', links: [{ rel: 'self', href: 'http://glance/v1/' }] },
      ],
    },
  });
  return cloud;
}

export function versionReply(id: string, min = '', max = ''): Reply {
  return { json: { version: { id, min_version: min, version: max } } };
}

export function tokenReply(id: string, lifeSeconds = 3600, catalog: unknown = CATALOG): Reply {
  // Keystone's clock is a day ahead of ours.
  const issuedMs = Date.parse('2026-01-02T00:00:00Z');
  return {
    status: 201,
    headers: { 'x-subject-token': id },
    json: {
      token: {
        issued_at: new Date(issuedMs).toISOString(),
        expires_at: new Date(issuedMs + lifeSeconds * 1000).toISOString(),
        project: { id: 'P1' },
        catalog,
      },
    },
  };
}

const endpoints = (url: string) =>
  ['public', 'internal'].map((name) => ({ interface: name, region_id: 'R', region: 'R', url }));

const CATALOG = [
  { type: 'compute', name: 'nova', endpoints: endpoints('http://nova/v2.1') },
  { type: 'network', name: 'neutron', endpoints: endpoints('http://neutron') },
  { type: 'image', name: 'glance', endpoints: endpoints('http://glance') },
  { type: 'volumev3', name: 'cinder', endpoints: endpoints('http://cinder/v3/P1') },
];
