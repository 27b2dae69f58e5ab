/**
 * Asks launchers at their web servers why a request is where it is. All at once, each for a second:
 * one that does not answer, or is Python's and has no such page, is reported and holds nobody up.
 */
import {
  launcherExplanationSchema,
  type LauncherExplanation,
} from '../../../schemas/explanation.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf, NodepoolError } from '../../base/errors.ts';
import { withDeadline } from '../../base/wait.ts';
import type { LauncherStatus } from './model.ts';

/** One launcher, and where to ask it. */
export interface Target {
  /** As it is registered; undefined where only its address is known. */
  readonly hostname: string | undefined;
  /** Without a path. */
  readonly url: string;
}

export interface LauncherAnswer extends Target {
  readonly status: LauncherStatus;
  /** Why there is no answer. */
  readonly problem: string | undefined;
  /** Undefined also where it answered that it does not know the request. */
  readonly explanation: LauncherExplanation | undefined;
}

const TIMEOUT_MS = 1000;
/** Longer than any honest answer. */
const MAX_BYTES = 4 * 1024 * 1024;

export async function askLaunchers(
  targets: readonly Target[],
  request: string,
  options: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<LauncherAnswer[]> {
  return Promise.all(
    targets.map(async (target) => {
      const error = (): Error =>
        new NodepoolError('NP_ABORTED', `no answer within ${TIMEOUT_MS / 1000} s`);
      const deadline = { ...options, ms: TIMEOUT_MS, error };
      try {
        return await withDeadline(deadline, (signal) => ask(target, request, signal));
      } catch (cause) {
        if (options.signal.aborted) throw cause;
        return {
          ...target,
          status: 'unreachable',
          problem: wordsOf(cause),
          explanation: undefined,
        };
      }
    }),
  );
}

async function ask(target: Target, request: string, signal: AbortSignal): Promise<LauncherAnswer> {
  const url = new URL(`explain/${encodeURIComponent(request)}`, withSlash(target.url));
  const response = await fetch(url, { signal, redirect: 'error' });
  const body = await readBody(response);
  if (response.status === 404 && body === 'null') {
    return { ...target, status: 'answered', problem: undefined, explanation: undefined };
  }
  const explanation = response.status === 200 ? parse(body) : undefined;
  if (explanation !== undefined) {
    return { ...target, status: 'answered', problem: undefined, explanation };
  }
  const problem =
    response.status === 200
      ? 'what it answers is no explanation'
      : `it answers ${response.status}, as Python’s launchers do`;
  return { ...target, status: 'cannot-be-asked', problem, explanation: undefined };
}

function parse(body: string): LauncherExplanation | undefined {
  try {
    return launcherExplanationSchema.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
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

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}

/** `fetch` hides what went wrong behind "fetch failed". */
function wordsOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return messageOf(cause ?? error);
}
