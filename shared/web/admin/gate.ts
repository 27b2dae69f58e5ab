/** Lets through who has the admin token, and tells all others why not. */
import type { FastifyReply, FastifyRequest } from 'fastify';

import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { sendText } from '../app.ts';
import { Guesses } from './guesses.ts';
import type { AdminToken } from './token.ts';

export class AdminGate {
  readonly #token: AdminToken;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #guesses = new Guesses();

  constructor(options: {
    readonly token: AdminToken;
    readonly clock: Clock;
    readonly log: Logger;
  }) {
    this.#token = options.token;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  /** Whether a token is configured. */
  async isOpen(): Promise<boolean> {
    await this.#token.refresh();
    return this.#token.isConfigured;
  }

  /** True: may act. Else the answer has been sent, and logged. */
  async admits(request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
    if (!(await this.isOpen())) {
      this.#refuse(request, 'no admin token is configured');
      void sendText(reply, 403, 'Forbidden: no admin token is configured, all is read-only');
      return false;
    }
    const now = this.#clock.monotonic();
    const waitSeconds = this.#guesses.waitSeconds(request.ip, now);
    if (waitSeconds > 0) {
      this.#refuse(request, 'too many wrong tokens');
      const later = reply.header('Retry-After', String(waitSeconds));
      void sendText(later, 429, `Too Many Requests: wrong tokens; wait ${waitSeconds} s`);
      return false;
    }
    const token = bearerOf(request.headers.authorization);
    if (token !== undefined && this.#token.matches(token)) return true;
    // Whoever has not brought one has not guessed.
    if (token !== undefined) this.#guesses.wrong(request.ip, now);
    this.#refuse(request, token === undefined ? 'no token' : 'wrong token');
    void sendText(
      reply.header('WWW-Authenticate', 'Bearer realm="nodepool"'),
      401,
      token === undefined ? 'Unauthorized: the admin token is needed' : 'Unauthorized: wrong token',
    );
    return false;
  }

  #refuse(request: FastifyRequest, reason: string): void {
    const { method, ip: address } = request;
    const path = request.url.split('?', 1)[0];
    this.#log.warn('an action was refused', { method, path, address, reason });
  }
}

/** Undefined: there is none. */
function bearerOf(header: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1];
}
