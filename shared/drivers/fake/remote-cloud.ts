/**
 * A fake cloud in another process, over HTTP: for tests whose machines must outlive the launcher, and
 * whose cloud is looked at by somebody else. `extensions: drivers: fake: server:` names its address;
 * fixtures/fake-cloud is such a server.
 *
 *   POST /PROVIDER/servers       a ServerRequest -> a Server
 *   GET /PROVIDER/servers        all of them
 *   GET /PROVIDER/servers/ID     answers when its status is final, or after a while as it is
 *   DELETE /PROVIDER/servers/ID  answers when it is gone
 *   GET /PROVIDER/limits         a Quota
 *
 * Failures are `{error, message}` with the errors of `fail-create`, or `not-found`. An answer that does
 * not come is treated as drivers of real clouds do: a create is repeated with its token.
 */
import type { Quota } from '../../../schemas/quota.ts';
import type { Clock } from '../../base/clock.ts';
import { CloudError, hasLabel, messageOf } from '../../base/errors.ts';
import { sleep, throwIfAborted, withDeadline } from '../../base/wait.ts';
import type { Cloud, Server, ServerRequest } from './cloud.ts';

/** For one call. */
const CALL_MS = 10_000;
/** A create whose answer was lost is tried so often. */
const MOST_TRIES = 3;
const RETRY_MS = 200;

const ERRORS = {
  transient: ['NP_CLOUD_TRANSIENT', ['retryable']],
  capacity: ['NP_CLOUD_CAPACITY', ['capacity']],
  quota: ['NP_CLOUD_QUOTA', ['quota']],
  fatal: ['NP_CLOUD_FATAL', []],
  'not-found': ['NP_CLOUD_NOT_FOUND', ['notFound']],
} as const;

/** How a cloud says no. */
export interface Refusal {
  readonly error: keyof typeof ERRORS;
  readonly message: string;
}

export class RemoteCloud implements Cloud {
  readonly #root: string;
  readonly #clock: Clock;

  constructor(server: string, provider: string, env: { readonly clock: Clock }) {
    this.#root = `${server.replace(/\/+$/, '')}/${encodeURIComponent(provider)}`;
    this.#clock = env.clock;
  }

  async create(request: ServerRequest, signal: AbortSignal): Promise<Server> {
    const options = { method: 'POST', body: JSON.stringify(request), signal };
    for (let tries = 1; ; tries++) {
      try {
        return (await this.#call('/servers', options)) as Server;
      } catch (error) {
        throwIfAborted(signal);
        if (!hasLabel(error, 'ambiguous') || tries >= MOST_TRIES) throw error;
      }
      await sleep(this.#clock, RETRY_MS, signal);
    }
  }

  async whenActive(id: string, signal: AbortSignal): Promise<Server> {
    for (;;) {
      const server = (await this.#call(`/servers/${id}`, { signal })) as Server;
      if (server.status === 'ACTIVE') return server;
      if (server.status !== 'BUILD')
        throw new CloudError('NP_CLOUD_TRANSIENT', `server ${id} is ${server.status}`, {
          labels: ['retryable'],
        });
    }
  }

  async delete(id: string, signal: AbortSignal): Promise<void> {
    await this.#call(`/servers/${id}`, { method: 'DELETE', signal });
  }

  async list(signal: AbortSignal): Promise<readonly Server[]> {
    return (await this.#call('/servers', { signal })) as Server[];
  }

  async limits(signal: AbortSignal): Promise<Quota> {
    return (await this.#call('/limits', { signal })) as Quota;
  }

  #call(path: string, options: CallOptions): Promise<unknown> {
    const what = `${options.method ?? 'GET'} ${path}`;
    const error = (): Error => noAnswer(`${what}: no answer in ${CALL_MS} ms`);
    const deadline = { clock: this.#clock, ms: CALL_MS, signal: options.signal, error };
    return withDeadline(deadline, async (signal) => {
      const { response, text } = await this.#exchange(path, { ...options, signal }, what);
      const answer: unknown = text === '' ? undefined : JSON.parse(text);
      if (response.ok) return answer;
      throw refused(answer as Refusal, what);
    });
  }

  async #exchange(
    path: string,
    options: CallOptions,
    what: string,
  ): Promise<{ response: Response; text: string }> {
    try {
      const response = await fetch(`${this.#root}${path}`, options);
      return { response, text: await response.text() };
    } catch (cause) {
      throwIfAborted(options.signal);
      throw noAnswer(`${what}: ${messageOf(cause)}`, cause);
    }
  }
}

interface CallOptions {
  readonly method?: string;
  readonly body?: string;
  readonly signal: AbortSignal;
}

function noAnswer(message: string, cause?: unknown): CloudError {
  return new CloudError('NP_CLOUD_TRANSIENT', message, {
    labels: ['retryable', 'ambiguous'],
    cause,
  });
}

function refused({ error, message }: Refusal, what: string): CloudError {
  const [code, labels] = ERRORS[error];
  return new CloudError(code, `${what}: ${message}`, { labels });
}
