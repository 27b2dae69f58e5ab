/**
 * The body of a watch: one JSON object a line, in pieces that may end anywhere, even within a character.
 *
 * Facts: kubernetes.io, API concepts, "Efficient detection of changes".
 */
import type { Clock } from '../../../base/clock.ts';
import { CloudError, NodepoolError } from '../../../base/errors.ts';
import { joinSignals, throwIfAborted, untilAborted } from '../../../base/wait.ts';
import { isRecord } from '../../../cloud/answer-words.ts';
import type { OpenAnswer } from './caller.ts';
import { answerError, noAnswerError, refusalError } from './errors.ts';
import type { WatchEvent } from './known-objects.ts';
import type { KubeObject } from './objects.ts';

/** etcd keeps no object of more than 1.5 MB. */
const MOST_CHARACTERS = 32 * 1024 * 1024;

/** What answers knows no watches: it sent a listing. Some servers behind Kubernetes' own are so. */
export class NoWatchError extends CloudError {
  constructor() {
    super('NP_CLOUD_FATAL', 'WATCH: the answer is a listing');
  }
}

/**
 * The events of each piece, as it comes. Ends with the body.
 *
 * @throws NoWatchError; CloudError: the cluster broke it off with an error of its own, or a line is not understood
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
      if (next.done === true) {
        // What is left was broken off, or ends without a line's end.
        if (isListing(jsonOf(rest))) throw new NoWatchError();
        return;
      }
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

export interface FollowOptions {
  readonly clock: Clock;
  /** Without a word for so long it is as good as dead. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
}

/** Calls back with each piece's events until the watch ends, or is silent; ends it then at our side. */
export async function followWatch<T extends KubeObject>(
  { body, end }: OpenAnswer,
  { clock, silenceMs, signal }: FollowOptions,
  callback: (events: readonly WatchEvent<T>[]) => void,
): Promise<void> {
  const silence = new AbortController();
  const watchdog = (): (() => void) =>
    clock.after(silenceMs, () => {
      silence.abort(new NodepoolError('NP_ABORTED', 'the watch is silent'));
    });
  const joined = joinSignals([signal, silence.signal]);
  let cancel = watchdog();
  try {
    for await (const events of watchEvents<T>(body, joined.signal)) {
      cancel();
      cancel = watchdog();
      callback(events);
    }
  } catch (error) {
    throwIfAborted(signal);
    if (!silence.signal.aborted) throw error;
  } finally {
    cancel();
    joined.dispose();
    end();
  }
}

const TYPES: ReadonlySet<unknown> = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']);

function eventOf<T extends KubeObject>(line: string): WatchEvent<T> {
  const event = jsonOf(line);
  if (isListing(event)) throw new NoWatchError();
  if (!isRecord(event) || !isRecord(event.object))
    throw answerError('WATCH', 'a line is no event in JSON');
  const { type, object } = event;
  if (type === 'ERROR') throw errorOf(object);
  if (!TYPES.has(type)) throw answerError('WATCH', 'an event of a type that is not known');
  // The cluster's own, which is of the kind that was asked for.
  return event as unknown as WatchEvent<T>;
}

function isListing(answer: unknown): boolean {
  return isRecord(answer) && Array.isArray(answer.items) && !('type' in answer);
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
