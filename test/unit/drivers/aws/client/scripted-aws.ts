/** AWS without a network: answers by call, every request noted. */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import { ManualClock } from '../../../../../fixtures/clock.ts';
import type { Clock } from '../../../../../shared/base/clock.ts';
import { silentLogger } from '../../../../../shared/base/log.ts';
import { openSdk, type SdkOptions } from '../../../../../shared/drivers/aws/client/sdk.ts';
import {
  openServices,
  type AwsServices,
} from '../../../../../shared/drivers/aws/client/services.ts';

export const never = (): AbortSignal => new AbortController().signal;

export interface SeenCall {
  /** AWS's name of an EC2 call; else method and path, `PUT /bucket/key`. */
  readonly call: string;
  readonly host: string;
  /** Of the query or, with EC2, of the form. */
  readonly params: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly atMs: number;
}

export interface Reply {
  readonly status?: number;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An error: there is no answer. `hang`: none before the abort. */
export type Answer = Reply | Error | 'hang';
/** A list is used up one by one; its last answer stays. */
export type Script = Answer | Answer[] | ((call: SeenCall) => Answer);

/** The SDK's request, as far as we look at it. */
interface SentRequest {
  readonly method: string;
  readonly hostname: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export class ScriptedAws {
  readonly clock = new ManualClock(Date.parse('2026-01-01T00:00:00Z'));
  readonly calls: SeenCall[] = [];
  /** Requests that were broken off by their signal. */
  aborted = 0;
  readonly #scripts = new Map<string, Script>();

  on(call: string, script: Script): this {
    this.#scripts.set(call, script);
    return this;
  }

  readonly handler = {
    handle: async (request: SentRequest, { abortSignal }: { abortSignal?: AbortSignal } = {}) => {
      const seen = await this.#seen(request);
      this.calls.push(seen);
      const answer = this.#answer(seen);
      if (answer instanceof Error) throw answer;
      if (answer === 'hang') return this.#hang(abortSignal);
      const { status = 200, text = '', headers = {} } = answer;
      const body = Readable.from([Buffer.from(text)]);
      return { response: { statusCode: status, headers: { ...headers }, body } };
    },
  };

  /** How the calls went by, as `RunInstances`. */
  get log(): readonly string[] {
    return this.calls.map(({ call }) => call);
  }

  services(options: Partial<SdkOptions> & { readonly clock?: Clock } = {}): AwsServices {
    return openServices(
      openSdk({
        ...{ section: 'provider one', region: 'us-west-2', profile: undefined },
        ...{ clock: this.clock, random: () => 0.5, callsPerSecond: Infinity, log: silentLogger },
        environment: {},
        credentials: { accessKeyId: 'AKIDTEST', secretAccessKey: 'a-secret' },
        requestHandler: this.handler,
        ...options,
      }),
    );
  }

  async #seen({ method, hostname, path, query, headers, body }: SentRequest): Promise<SeenCall> {
    const bytes = await bytesOf(body);
    const isForm =
      headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
    const params = new URLSearchParams(isForm ? bytes.toString() : '');
    for (const [key, value] of Object.entries(query ?? {})) params.set(key, String(value ?? ''));
    const call =
      params.get('Action') ??
      headers['x-amz-target'] ??
      `${method} ${path.replace(/(.)\/$/, '$1')}`;
    return { call, host: hostname, params, headers, body: bytes, atMs: this.clock.monotonic() };
  }

  #answer(seen: SeenCall): Answer {
    const script = this.#scripts.get(seen.call);
    if (script === undefined) return ec2Error('NothingScripted', seen.call);
    if (typeof script === 'function') return script(seen);
    if (!Array.isArray(script)) return script;
    const [first] = script;
    if (script.length > 1) script.shift();
    return first ?? { status: 500 };
  }

  #hang(signal: AbortSignal | undefined): Promise<never> {
    return new Promise((_, reject) => {
      signal?.addEventListener('abort', () => {
        this.aborted++;
        reject(Object.assign(new Error('Request aborted'), { name: 'AbortError' }));
      });
    });
  }
}

async function bytesOf(body: unknown): Promise<Buffer> {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (body instanceof Readable) return buffer(body);
  return typeof body === 'string' ? Buffer.from(body) : Buffer.concat([body as Uint8Array]);
}

/** An answer of EC2 that is an error. */
export function ec2Error(code: string, message = 'no reason', status = 400): Reply {
  const error = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return {
    status,
    text: `<Response><Errors>${error}</Errors><RequestID>req-1</RequestID></Response>`,
  };
}

/** An answer of EC2. */
export function ec2Answer(call: string, xml: string): Reply {
  return { text: `<${call}Response><requestId>req-1</requestId>${xml}</${call}Response>` };
}

/** A list in an answer of EC2. */
export function ec2List(name: string, items: readonly string[], nextToken = ''): string {
  const list = items.map((item) => `<item>${item}</item>`).join('');
  const next = nextToken === '' ? '' : `<nextToken>${nextToken}</nextToken>`;
  return `<${name}>${list}</${name}>${next}`;
}

export function instancesAnswer(ids: readonly string[], nextToken = ''): Reply {
  const instances = ids.map((id) => `<instanceId>${id}</instanceId>`);
  const reservation = ec2List('instancesSet', instances);
  return ec2Answer('DescribeInstances', ec2List('reservationSet', [reservation], nextToken));
}

/** A network that gives no answer, in Node's words. */
export function networkError(code: string, message = code): Error {
  return Object.assign(new Error(message), { code });
}
