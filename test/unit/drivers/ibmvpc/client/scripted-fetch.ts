/** An IBM that answers what a test tells it to, and keeps what it was asked for. */
import type { Fetch, FetchInit } from '../../../../../shared/cloud/http-transport.ts';

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** A status with JSON or text, an error that is thrown, or nothing for ever. */
export type Scripted =
  | { readonly status?: number; readonly json?: unknown; readonly text?: string }
  | { readonly error: Error }
  | 'hang';

export interface ScriptedFetch {
  readonly fetch: Fetch;
  readonly asked: Asked[];
}

export function scriptedFetch(answer: (asked: Asked, nth: number) => Scripted): ScriptedFetch {
  const asked: Asked[] = [];
  const fetch: Fetch = async (url, { method, headers, body, signal }: FetchInit) => {
    const text = typeof body === 'string' ? body : undefined;
    const one = { method, url: new URL(url), headers, body: text };
    asked.push(one);
    const said = answer(one, asked.length);
    if (said === 'hang') return untilAborted(signal);
    if ('error' in said) throw said.error;
    const { status = 200, json } = said;
    const answered = said.text ?? (json === undefined ? null : JSON.stringify(json));
    return Promise.resolve(new Response(status === 204 ? null : answered, { status }));
  };
  return { fetch, asked };
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    });
  });
}
