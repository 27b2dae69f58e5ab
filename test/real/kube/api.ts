/** A user's calls to a Kubernetes apiserver, for tests: small, strict, and with no code of ours under test. */
import assert from 'node:assert/strict';
import { Agent, request } from 'undici';

/** Any object of Kubernetes, as far as tests look at it. */
export interface KubeObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
    readonly deletionTimestamp?: string;
    readonly resourceVersion?: string;
  };
  readonly [field: string]: unknown;
}

export interface KubeAnswer {
  readonly status: number;
  readonly body: unknown;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Two busy cores. */
const CALL_MS = 60_000;

export class KubeApi {
  /** `https://host:port`. */
  readonly server: string;
  readonly #token: string;
  readonly #agent: Agent;

  /** `ca` is PEM. */
  constructor(server: string, ca: string, token: string) {
    this.server = server;
    this.#token = token;
    this.#agent = new Agent({ connect: { ca } });
  }

  /** Whatever the answer is. */
  async ask(method: Method, path: string, body?: unknown): Promise<KubeAnswer> {
    const isPatch = method === 'PATCH';
    const answer = await request(`${this.server}${path}`, {
      method,
      dispatcher: this.#agent,
      headers: {
        authorization: `Bearer ${this.#token}`,
        'content-type': isPatch ? 'application/merge-patch+json' : 'application/json',
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(CALL_MS),
    });
    const text = await answer.body.text();
    const isJson = String(answer.headers['content-type']).includes('json');
    return { status: answer.statusCode, body: isJson ? JSON.parse(text) : text };
  }

  /** Fails unless the call succeeded. */
  async call(method: Method, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.ask(method, path, body);
    const told = JSON.stringify(answer.body);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${told}`);
    return answer.body;
  }

  async get(path: string): Promise<KubeObject> {
    return (await this.call('GET', path)) as KubeObject;
  }

  async list(path: string): Promise<readonly KubeObject[]> {
    return ((await this.call('GET', path)) as { items: KubeObject[] }).items;
  }

  async create(path: string, body: unknown): Promise<KubeObject> {
    return (await this.call('POST', path, body)) as KubeObject;
  }

  /** What is gone is fine. */
  async remove(path: string): Promise<void> {
    const { status, body } = await this.ask('DELETE', path, { propagationPolicy: 'Background' });
    assert.ok(status < 300 || status === 404, `DELETE ${path}: ${JSON.stringify(body)}`);
  }

  close(): Promise<void> {
    return this.#agent.close();
  }
}
