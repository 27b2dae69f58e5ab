/**
 * The body of a watch: one JSON object a line, in pieces that may end anywhere, even within a character.
 *
 * Facts: kubernetes.io, API concepts, "Efficient detection of changes".
 */
import { throwIfAborted, untilAborted } from '../../../base/wait.ts';
import { answerError, noAnswerError, refusalError } from './errors.ts';
import type { WatchEvent } from './known-objects.ts';
import type { KubeObject } from './objects.ts';

/** etcd keeps no object of more than 1.5 MB. */
const MOST_CHARACTERS = 32 * 1024 * 1024;

/**
 * The events of each piece, as it comes. Ends with the body.
 *
 * @throws CloudError: the cluster broke it off with an error of its own, or a line is not understood
 */
export async function* watchEvents<T extends KubeObject>(
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<readonly WatchEvent<T>[]> {
  const decoder = new TextDecoder();
  const pieces = body[Symbol.asyncIterator]();
  let rest = '';
  try {
    for (;;) {
      const next = await untilAborted(pieces.next(), signal).catch((error: unknown) => {
        throwIfAborted(signal);
        throw noAnswerError({ call: 'WATCH', method: 'GET' }, 'the cluster', error);
      });
      if (next.done === true) return;
      const lines = (rest + decoder.decode(next.value, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > MOST_CHARACTERS) throw answerError('WATCH', 'a line without an end');
      yield lines.flatMap((line) => (line.trim() === '' ? [] : [eventOf<T>(line)]));
    }
  } finally {
    // Whoever sends may not listen; nobody waits for that.
    void Promise.resolve(pieces.return?.()).catch(() => undefined);
  }
}

const TYPES: ReadonlySet<unknown> = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']);

function eventOf<T extends KubeObject>(line: string): WatchEvent<T> {
  const event = jsonOf(line);
  if (!isRecord(event) || !isRecord(event.object))
    throw answerError('WATCH', 'a line is no event in JSON');
  const { type, object } = event;
  if (type === 'ERROR') throw errorOf(object);
  if (!TYPES.has(type)) throw answerError('WATCH', 'an event of a type that is not known');
  // The cluster's own, which is of the kind that was asked for.
  return event as unknown as WatchEvent<T>;
}

function errorOf(status: Readonly<Record<string, unknown>>): Error {
  const code = typeof status.code === 'number' ? status.code : 500;
  const text = JSON.stringify({ kind: 'Status', ...status });
  // What it says of patience is for the call that follows.
  return refusalError(
    {
      call: 'WATCH',
      method: 'GET',
      status: code === 429 ? 500 : code,
      retryAfter: undefined,
      text,
    },
    0,
  );
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // Node's own words would quote the line.
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
