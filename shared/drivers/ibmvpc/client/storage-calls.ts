/**
 * Calls to the object storage by IBM's library: each with a token of ours, under a deadline, ended with
 * the signal, told of, and its errors sorted as those of VPC. They have no budget: the original's have none.
 */
import type S3 from 'ibm-cos-sdk/clients/s3.js';
import type { AWSError } from 'ibm-cos-sdk/lib/error.js';
import type { Request } from 'ibm-cos-sdk/lib/request.js';

import type { Clock } from '../../../base/clock.ts';
import { throwIfAborted } from '../../../base/wait.ts';
import { CloudCalls } from '../../../cloud/calls.ts';
import type { Environment } from '../../../cloud/proxy.ts';
import type { HttpDone } from '../../driver.ts';
import type { TokenSource } from './caller.ts';
import { noAnswerError } from './connection-errors.ts';
import { openCos, type Cos } from './cos.ts';
import { refusalError } from './errors.ts';

export interface StorageCallsOptions {
  /** URL of the object storage. */
  readonly endpoint: string;
  readonly tokens: TokenSource;
  readonly environment: Environment;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly onHttp?: ((request: HttpDone) => void) | undefined;
  /** For one call. Default 30. */
  readonly timeoutSeconds?: number | undefined;
}

type Question<T> = (s3: S3) => Request<T, AWSError>;

export class StorageCalls {
  readonly #options: StorageCallsOptions;
  readonly #calls: CloudCalls;
  #cos: Promise<Cos> | undefined;

  constructor(options: StorageCallsOptions) {
    this.#options = options;
    const { clock, random, timeoutSeconds } = options;
    this.#calls = new CloudCalls({ clock, random, callsPerSecond: Infinity, timeoutSeconds });
  }

  /** Repeated where the storage stumbles. A second one does no harm. */
  async read<T>(name: string, question: Question<T>, signal: AbortSignal): Promise<T> {
    await this.#prepare(signal);
    return this.#calls.run(signal, (inner) => this.#authorized(name, question, inner));
  }

  /** For a caller that repeats it, and gives it a deadline. */
  async once<T>(name: string, question: Question<T>, signal: AbortSignal): Promise<T> {
    await this.#prepare(signal);
    return this.#authorized(name, question, signal);
  }

  close(): void {
    this.#calls.close();
    this.#cos?.then(
      (cos) => {
        cos.close();
      },
      () => undefined,
    );
  }

  /** What takes longer than a call may is not at the cost of the call's deadline. */
  async #prepare(signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    await this.#opened();
    await this.#options.tokens.current(signal);
  }

  /** A refusal may be of the token: the storage says only that access is denied. */
  async #authorized<T>(name: string, question: Question<T>, signal: AbortSignal): Promise<T> {
    const { tokens } = this.#options;
    for (let isFirst = true; ; isFirst = false) {
      const token = await tokens.current(signal);
      const request = await this.#request(question, token.authorization, signal);
      try {
        return await this.#sent(request, signal);
      } catch (error) {
        throwIfAborted(signal);
        const failure = error as Failure;
        if (!isFirst || failure.statusCode !== 403)
          throw this.#sorted(name, request.httpRequest.method, failure);
        tokens.forget(token);
      }
    }
  }

  /** The library looks for no credentials of its own. */
  async #request<T>(
    question: Question<T>,
    authorization: string,
    signal: AbortSignal,
  ): Promise<Request<T, AWSError>> {
    const { s3 } = await this.#opened();
    throwIfAborted(signal);
    const request = question(s3);
    (request as unknown as Unsigned).toUnauthenticated();
    request.on('build', () => {
      request.httpRequest.headers.authorization = authorization;
    });
    return request;
  }

  /** Rejects with the library's errors. */
  async #sent<T>(request: Request<T, AWSError>, signal: AbortSignal): Promise<T> {
    const { clock, onHttp } = this.#options;
    const abort = (): void => {
      request.abort();
    };
    signal.addEventListener('abort', abort, { once: true });
    const began = clock.monotonic();
    let status: number | undefined;
    try {
      const answer = await request.promise();
      status = answer.$response.httpResponse.statusCode;
      return answer;
    } catch (error) {
      status = (error as Failure).statusCode;
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
      const { method } = request.httpRequest;
      const durationMs = clock.monotonic() - began;
      onHttp?.({ service: 'object-storage', method, status, durationMs });
    }
  }

  #opened(): Promise<Cos> {
    const { endpoint, environment } = this.#options;
    return (this.#cos ??= openCos(endpoint, environment));
  }

  #sorted(name: string, method: string, failure: Failure): Error {
    const { endpoint, clock } = this.#options;
    const call = `${method} object-storage ${name}`;
    const { statusCode: status, code, message, requestId, originalError } = failure;
    if (status === undefined) return noAnswerError(call, endpoint, originalError ?? failure);
    const refusal = {
      ...{ call, status, requestId, retryAfter: null },
      isReading: method === 'GET' || method === 'HEAD',
      text: JSON.stringify({ code, message }),
    };
    return refusalError(refusal, clock.now());
  }
}

interface Unsigned {
  toUnauthenticated(): unknown;
}

/** What the library throws. Undefined status: there was no answer. */
interface Failure extends Error {
  readonly code?: string;
  readonly statusCode?: number;
  readonly requestId?: string;
  readonly originalError?: Error;
}

interface Unsigned {
  toUnauthenticated(): unknown;
}
