/**
 * A request whose body is a stream, by undici's own interface instead of its fetch: the standard has
 * fetch keep a copy of the body in case of a redirect, so that a whole disk image would stand in
 * memory, and be read to its end after the request is over.
 */
import { Readable } from 'node:stream';

import { request, type Dispatcher } from 'undici';

import type { FetchInit, FetchResponse } from './http-transport.ts';

/** Redirects are answers, as everywhere in this client. */
export async function sendStream(
  url: string,
  { method, headers, signal }: FetchInit,
  body: AsyncIterable<Uint8Array>,
  dispatcher: Dispatcher,
): Promise<FetchResponse> {
  // Reads one piece ahead, and ends the iteration when the request ends before it.
  const stream = Readable.from(body, { objectMode: false, highWaterMark: 1 });
  try {
    const answer = await request(url, {
      ...{ method: method, headers: { ...headers }, signal, dispatcher },
      body: stream,
    });
    return {
      status: answer.statusCode,
      headers: headersOf(answer.headers),
      body: thenDestroy(answer.body, stream),
    };
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

/** The server may have answered before it had it all. To end the stream sooner would end the answer. */
async function* thenDestroy(
  body: AsyncIterable<Uint8Array>,
  stream: Readable,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } finally {
    stream.destroy();
  }
}

function headersOf(raw: Dispatcher.ResponseData['headers']): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(raw))
    for (const one of [value ?? []].flat()) headers.append(name, one);
  return headers;
}
