/**
 * Calls to one service: each in its turn, with the token, repeated as it may be, its refusals sorted.
 *
 * A token that the service refuses is forgotten and the call made once more with the next one, within
 * the same deadline.
 */
import type { Clock } from '../../../base/clock.ts';
import type { Logger } from '../../../base/log.ts';
import type { CloudCalls } from '../../../cloud/calls.ts';
import { refusalError } from './errors.ts';
import type { Token } from './identity.ts';
import type { HttpAnswer, Transport } from '../../../cloud/http-transport.ts';

export interface CallerOptions {
  readonly transport: Transport;
  readonly calls: CloudCalls;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tokens: TokenSource;
}

/** Where tokens come from. */
export interface TokenSource {
  current(signal: AbortSignal): Promise<Token>;
  forget(token: Token): void;
}

export interface CallerRequest {
  readonly method: string;
  readonly url: string;
  /** For messages. */
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Made anew for each try. */
  readonly body?: () => string | AsyncIterable<Uint8Array>;
  readonly isAnswer: (answer: HttpAnswer) => boolean;
  readonly isRepeatable: boolean;
  readonly isShared?: boolean | undefined;
  readonly timeoutSeconds?: number | undefined;
}

export class Caller {
  readonly #options: CallerOptions;

  constructor(options: CallerOptions) {
    this.#options = options;
  }

  async call(request: CallerRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { calls, tokens } = this.#options;
    // Before the call's turn, so that a renewal is not at the cost of the call's deadline.
    await tokens.current(signal);
    const { isRepeatable, isShared, timeoutSeconds } = request;
    return calls.run(signal, (inner) => this.#authorized(request, inner), {
      isRepeatable,
      isShared,
      timeoutSeconds,
    });
  }

  async #authorized(request: CallerRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { tokens, clock } = this.#options;
    let token = await tokens.current(signal);
    let answer = await this.#send(request, token, signal);
    if (answer.status === 401) {
      tokens.forget(token);
      token = await tokens.current(signal);
      answer = await this.#send(request, token, signal);
    }
    if (answer.status < 300 || request.isAnswer(answer)) return answer;
    // The next try begins with another.
    if (answer.status === 401) tokens.forget(token);
    throw refusalError({ ...request, ...answer }, clock.now());
  }

  async #send(request: CallerRequest, token: Token, signal: AbortSignal): Promise<HttpAnswer> {
    const { transport, clock, log } = this.#options;
    const { method, url, subject, body } = request;
    const startMs = clock.monotonic();
    const headers = {
      ...request.headers,
      ...(token.id !== undefined && { 'x-auth-token': token.id }),
    };
    const answer = await transport.send(
      { method, url, subject, headers, ...(body !== undefined && { body: body() }) },
      signal,
    );
    log.debug('cloud called', {
      call: `${method} ${subject}`,
      status: answer.status,
      ms: Math.round(clock.monotonic() - startMs),
      cloud_request: answer.headers.get('x-openstack-request-id') ?? undefined,
    });
    return answer;
  }
}
