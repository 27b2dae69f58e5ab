/** Gets a short text from a web server of ours. */
import { messageOf } from '../base/errors.ts';

/** Longer than any honest answer. */
const MAX_BYTES = 4 * 1024 * 1024;

/** `base`: an address, perhaps with a path of its own; `path` comes below it. */
export async function getText(
  base: string,
  path: string,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly body: string }> {
  const response = await fetch(below(base, path), { signal, redirect: 'error' });
  return { status: response.status, body: await readBody(response) };
}

export function below(base: string, path: string): URL {
  return new URL(path, base.endsWith('/') ? base : `${base}/`);
}

/** `fetch` hides what went wrong behind "fetch failed". */
export function sayFetchError(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return messageOf(cause ?? error);
}

async function readBody(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  // The types of `fetch` do not know that a body can be walked through.
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) throw new Error('its answer is too long');
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
