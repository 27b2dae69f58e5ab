/** One service of the cloud: requests below its endpoint, with query, body and microversion. */
import { TIMEOUT_SECONDS } from '../../../cloud/calls.ts';
import type { Caller } from './caller.ts';
import type { ServiceType } from './cloud-config.ts';
import type { Endpoint } from './discovery.ts';
import { microversionFor, microversionHeaders } from './microversion.ts';
import type { Service, ServiceAnswer, ServiceRequest } from './service.ts';

export interface HttpServiceOptions {
  readonly type: ServiceType;
  readonly endpoint: Endpoint;
  /** `..._default_microversion` of clouds.yaml. */
  readonly defaultMicroversion: string | undefined;
  /** For one call; undefined: the usual. */
  readonly timeoutSeconds: number | undefined;
  readonly caller: Caller;
}

export class HttpService implements Service {
  readonly type: ServiceType;
  readonly #options: HttpServiceOptions;

  constructor(options: HttpServiceOptions) {
    this.type = options.type;
    this.#options = options;
  }

  get maxMicroversion(): string | undefined {
    return this.#options.endpoint.microversions?.max;
  }

  async call(request: ServiceRequest, signal: AbortSignal): Promise<ServiceAnswer> {
    const { endpoint, caller } = this.#options;
    const { method, path, expect, isAnswer } = request;
    const body = bodyOf(request);
    const {
      status,
      headers,
      body: json,
    } = await caller.call(
      {
        method,
        url: `${endpoint.url}/${path}${queryOf(request.query)}`,
        subject: `${this.type} ${path}`,
        headers: { ...bodyHeaders(request), ...this.#microversion(request.microversion) },
        ...(body !== undefined && { body }),
        isAnswer: (answer) =>
          expect?.includes(answer.status) === true ||
          isAnswer?.(answer.status, answer.body) === true,
        isRepeatable: request.isRepeatable ?? method !== 'POST',
        isShared: request.isShared,
        timeoutSeconds: this.#timeoutSeconds(request),
      },
      signal,
    );
    return { status, headers, body: json };
  }

  #timeoutSeconds({ timeoutSeconds, patience = 1 }: ServiceRequest): number {
    return timeoutSeconds ?? patience * (this.#options.timeoutSeconds ?? TIMEOUT_SECONDS);
  }

  #microversion(wanted: string | undefined): Readonly<Record<string, string>> {
    const { type, endpoint, defaultMicroversion } = this.#options;
    return microversionHeaders(
      type,
      microversionFor(wanted, endpoint.microversions, defaultMicroversion),
    );
  }
}

function queryOf(query: ServiceRequest['query']): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {}))
    for (const one of value === undefined ? [] : [value].flat()) parameters.append(name, one);
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

function bodyOf({
  json,
  stream,
}: ServiceRequest): (() => string | AsyncIterable<Uint8Array>) | undefined {
  if (stream !== undefined) return stream;
  if (json === undefined) return undefined;
  const text = JSON.stringify(json);
  return () => text;
}

function bodyHeaders(request: ServiceRequest): Readonly<Record<string, string>> {
  const { json, contentType, stream, streamBytes } = request;
  if (stream !== undefined)
    return {
      'content-type': contentType ?? 'application/octet-stream',
      ...(streamBytes !== undefined && { 'content-length': String(streamBytes) }),
    };
  return json === undefined ? {} : { 'content-type': contentType ?? 'application/json' };
}
