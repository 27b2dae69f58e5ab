/** A cluster's API as a test says it: each request is kept, and answered by the test's own function. */
import { ManualClock } from '../../../../../fixtures/clock.ts';
import { silentLogger, type LogFields, type Logger } from '../../../../../shared/base/log.ts';
import { CloudCalls } from '../../../../../shared/cloud/calls.ts';
import type { HttpDone } from '../../../../../shared/drivers/driver.ts';
import { Caller } from '../../../../../shared/drivers/pods/client/caller.ts';
import { Cluster } from '../../../../../shared/drivers/pods/client/cluster.ts';
import type { Pass } from '../../../../../shared/drivers/pods/client/passes.ts';
import type {
  KubeRequest,
  KubeResponse,
  TlsSettings,
} from '../../../../../shared/drivers/pods/client/transport.ts';

export const never = (): AbortSignal => new AbortController().signal;

export const PLAIN_TLS: TlsSettings = {
  ca: undefined,
  cert: undefined,
  key: undefined,
  serverName: undefined,
  skipVerify: false,
  proxyUrl: undefined,
};

export function passOf(token: string): Pass {
  return {
    server: 'https://cluster.example:6443',
    context: 'one',
    tls: PLAIN_TLS,
    headers: { authorization: `Bearer ${token}` },
    token,
    lifeMs: Infinity,
  };
}

type Answer = KubeResponse | Promise<KubeResponse>;

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return { status, headers, body: bodyOf(JSON.stringify(body)) };
}

export function text(status: number, body: string): Answer {
  return { status, headers: {}, body: bodyOf(body) };
}

/** The cluster's form of a refusal. */
export function refusal(
  code: number,
  reason: string,
  message = reason,
  details: object = {},
): Answer {
  return json(code, { kind: 'Status', status: 'Failure', reason, message, code, details });
}

async function* bodyOf(content: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(content));
}

/** The body of a watch, which goes on as the test says. */
export class Stream {
  readonly #pieces: Uint8Array[] = [];
  #ending: { readonly error: Error | undefined } | undefined;
  #wake: () => void = () => undefined;
  isReturned = false;

  readonly response: KubeResponse = { status: 200, headers: {}, body: this.#read() };

  event(type: string, object: object): this {
    return this.send(`${JSON.stringify({ type, object })}\n`);
  }

  send(piece: string | Uint8Array): this {
    this.#pieces.push(typeof piece === 'string' ? Buffer.from(piece) : piece);
    this.#wake();
    return this;
  }

  end(error?: Error): void {
    this.#ending = { error };
    this.#wake();
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const piece = this.#pieces.shift();
        if (piece !== undefined) yield piece;
        else if (this.#ending !== undefined) break;
        else
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
      }
      if (this.#ending.error !== undefined) throw this.#ending.error;
    } finally {
      this.isReturned = true;
    }
  }
}

export interface Logged {
  readonly message: string;
  readonly fields: LogFields | undefined;
}

export interface ScriptOptions {
  readonly timeoutSeconds?: number;
  /** What lets in, one after the other; the last stays. */
  readonly tokens?: readonly string[];
}

/** `answer` is told of each request and of how many there were before. */
export function scripted(
  answer: (request: KubeRequest, count: number) => Answer,
  options: ScriptOptions = {},
) {
  const clock = new ManualClock();
  const random = (): number => 0.5;
  const requests: KubeRequest[] = [];
  const told: HttpDone[] = [];
  const logged: Logged[] = [];
  const log: Logger = {
    ...silentLogger,
    warn: (message, fields) => logged.push({ message, fields }),
  };
  const tokens = [...(options.tokens ?? ['t0ken'])];
  const login = {
    last: passOf(tokens[0] ?? ''),
    forgotten: 0,
    current: (): Promise<Pass> => Promise.resolve(login.last),
    forget: (): void => {
      login.forgotten++;
      tokens.shift();
      if (tokens[0] !== undefined) login.last = passOf(tokens[0]);
    },
  };
  const { timeoutSeconds } = options;
  const calls = new CloudCalls({ clock, random, callsPerSecond: Infinity, timeoutSeconds });
  const caller = new Caller({
    ...{ calls, login, clock },
    transport: async (request) => {
      requests.push(request);
      return answer(request, requests.length - 1);
    },
    onHttp: (request) => told.push(request),
  });
  const cluster = new Cluster({
    ...{ pass: login.last, login, calls, caller, clock, random, log },
    pollSeconds: 2,
    disconnect: () => undefined,
  });
  return { clock, requests, told, logged, login, caller, cluster };
}

/** Path and query, as it was asked for. */
export function asked({ method, url }: KubeRequest): string {
  return `${method} ${url.pathname}${decodeURIComponent(url.search)}`;
}
