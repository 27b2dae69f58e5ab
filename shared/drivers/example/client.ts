/**
 * The example cloud's interface in our words: one method a call, answers read by a schema, errors
 * sorted. A real driver has its SDK here, or a file like this where the SDK costs more than it gives.
 *
 * Everything in this cloud has a name that its maker chooses and that no two things share, so every
 * call may be repeated: a second creation says 409, a second deletion 404, and both are answers.
 */
import { z } from 'zod';

import type { Clock } from '../../base/clock.ts';
import { CloudError } from '../../base/errors.ts';
import { throwIfAborted } from '../../base/wait.ts';
import type { CloudCalls } from '../../cloud/calls.ts';
import { noAnswerError, refusalError } from './errors.ts';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

const tags = z.record(z.string(), z.string());

const machineType = z.object({ name: z.string(), cores: z.number(), ramMib: z.number() });

const machine = z.object({
  name: z.string(),
  state: z.enum(['creating', 'running', 'failed', 'deleting']),
  /** Why it failed. */
  reason: z.string().optional(),
  zone: z.string(),
  cores: z.number(),
  ramMib: z.number(),
  privateIpv4: z.string().optional(),
  tags,
});

/** A public address; it is no part of the machine and may outlive it. */
const address = z.object({ name: z.string(), machine: z.string(), ip: z.string(), tags });

const limits = z.object({
  instances: z.number().optional(),
  cores: z.number().optional(),
  ramMib: z.number().optional(),
});

const page = <S extends z.ZodType>(item: S) =>
  z.object({ items: z.array(item), next: z.string().optional() });

export type MachineType = z.output<typeof machineType>;
export type Machine = z.output<typeof machine>;
export type Address = z.output<typeof address>;

export interface MachineRequest {
  readonly name: string;
  readonly type: string;
  readonly image: string;
  readonly key: string | undefined;
  readonly zone: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

export interface ClientOptions {
  /** With project and region, without a slash at the end. */
  readonly baseUrl: string;
  readonly token: string;
  readonly calls: CloudCalls;
  readonly clock: Clock;
  readonly fetch: Fetch;
}

/** A listing of more pages than this is a cloud that goes round in circles. */
const MOST_PAGES = 1000;

interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below project and region; its parts are encoded. */
  readonly path: string;
  readonly body?: unknown;
  /** A status that is an answer, beside those of success. */
  readonly expect?: number;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export class ExampleClient {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  async machineTypes(signal: AbortSignal): Promise<ReadonlyMap<string, MachineType>> {
    const types = await this.#all('types', machineType, signal);
    return new Map(types.map((type) => [type.name, type]));
  }

  async zones(signal: AbortSignal): Promise<readonly string[]> {
    return this.#all('zones', z.string(), signal);
  }

  async limits(signal: AbortSignal): Promise<z.output<typeof limits>> {
    const { body } = await this.#call({ method: 'GET', path: 'quota' }, signal);
    return read(limits, body, 'quota');
  }

  /** Machines of everybody in the account. What has just been made may be missing for a moment. */
  async machines(signal: AbortSignal): Promise<ReadonlyMap<string, Machine>> {
    const machines = await this.#all('machines', machine, signal);
    return new Map(machines.map((one) => [one.name, one]));
  }

  /** Undefined: there is none. Unlike a listing this is never old. */
  async machine(name: string, signal: AbortSignal): Promise<Machine | undefined> {
    const path = `machines/${encodeURIComponent(name)}`;
    const { status, body } = await this.#call({ method: 'GET', path, expect: 404 }, signal);
    return status === 404 ? undefined : read(machine, body, path);
  }

  /** `false`: there is a machine of this name, whoever made it. */
  async createMachine(request: MachineRequest, signal: AbortSignal): Promise<boolean> {
    const call = { method: 'POST', path: 'machines', body: request, expect: 409 } as const;
    const { status } = await this.#call(call, signal);
    return status !== 409;
  }

  /** `false`: it is gone, or never was. `true`: it is going to be. */
  deleteMachine(name: string, signal: AbortSignal): Promise<boolean> {
    return this.#delete(`machines/${encodeURIComponent(name)}`, signal);
  }

  /** Undefined: this machine writes nothing. */
  async consoleLog(name: string, signal: AbortSignal): Promise<string | undefined> {
    const path = `machines/${encodeURIComponent(name)}/console`;
    const { status, body } = await this.#call({ method: 'GET', path, expect: 404 }, signal);
    return status === 404 ? undefined : read(z.object({ text: z.string() }), body, path).text;
  }

  addresses(signal: AbortSignal): Promise<readonly Address[]> {
    return this.#all('addresses', address, signal);
  }

  /** Gives a machine an address; where it has one of this name, that one. */
  async createAddress(request: Omit<Address, 'ip'>, signal: AbortSignal): Promise<Address> {
    const call = { method: 'POST', path: 'addresses', body: request, expect: 409 } as const;
    const made = await this.#call(call, signal);
    if (made.status !== 409) return read(address, made.body, call.path);
    const path = `addresses/${encodeURIComponent(request.name)}`;
    const { body } = await this.#call({ method: 'GET', path }, signal);
    return read(address, body, path);
  }

  deleteAddress(name: string, signal: AbortSignal): Promise<boolean> {
    return this.#delete(`addresses/${encodeURIComponent(name)}`, signal);
  }

  /** Ends all calls. */
  close(): void {
    this.#options.calls.close();
  }

  async #delete(path: string, signal: AbortSignal): Promise<boolean> {
    const { status } = await this.#call({ method: 'DELETE', path, expect: 404 }, signal);
    return status !== 404;
  }

  /** All pages or an error: half a listing looks like free quota, and like machines that are gone. */
  async #all<S extends z.ZodType>(
    path: string,
    item: S,
    signal: AbortSignal,
  ): Promise<z.output<S>[]> {
    const items: z.output<S>[] = [];
    let query = '';
    for (let count = 0; count < MOST_PAGES; count++) {
      const { body } = await this.#call({ method: 'GET', path: path + query }, signal);
      const { items: more, next } = read(page(item), body, path);
      items.push(...more);
      if (next === undefined) return items;
      query = `?page=${encodeURIComponent(next)}`;
    }
    throw new CloudError('NP_CLOUD_TRANSIENT', `GET ${path}: more than ${MOST_PAGES} pages`);
  }

  #call(call: Call, signal: AbortSignal): Promise<Answer> {
    const { calls, clock } = this.#options;
    return calls.run(signal, async (inner) => {
      const { response, body } = await this.#fetch(call, inner);
      const { status } = response;
      if (response.ok || status === call.expect) return { status, body };
      const retryAfter = response.headers.get('retry-after');
      throw refusalError(
        { call: `${call.method} ${call.path}`, status, retryAfter, ...errorOf(body) },
        clock.now(),
      );
    });
  }

  async #fetch(call: Call, signal: AbortSignal): Promise<{ response: Response; body: unknown }> {
    const { baseUrl, token, fetch } = this.#options;
    const { method, path } = call;
    const body = call.body === undefined ? null : JSON.stringify(call.body);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    try {
      const response = await fetch(`${baseUrl}/${path}`, { method, headers, body, signal });
      return { response, body: parsed(await response.text()) };
    } catch (error) {
      throwIfAborted(signal);
      throw noAnswerError(`${method} ${path}`, error);
    }
  }
}

/** Undefined: no JSON. A proxy between us and the cloud answers with HTML. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const errorBody = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

function errorOf(body: unknown): { code: string; message: string } {
  const { success, data } = errorBody.safeParse(body);
  return success ? data.error : { code: '', message: '' };
}

/** What the cloud said, if it is what it should have said. */
function read<S extends z.ZodType>(schema: S, body: unknown, path: string): z.output<S> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new CloudError('NP_CLOUD_TRANSIENT', `answer about ${path} not understood`, {
    cause: result.error,
  });
}
