/**
 * Asks launchers at their web servers why a request is where it is. All at once, each for a second:
 * one that does not answer, or is Python's and has no such page, is reported and holds nobody up.
 */
import {
  launcherExplanationSchema,
  type LauncherExplanation,
} from '../../../schemas/explanation.ts';
import type { Clock } from '../../base/clock.ts';
import { NodepoolError } from '../../base/errors.ts';
import { withDeadline } from '../../base/wait.ts';
import { getText, sayFetchError } from '../../asking/get-text.ts';
import type { Target } from '../../asking/targets.ts';
import type { LauncherStatus } from './model.ts';

export interface LauncherAnswer extends Target {
  readonly status: LauncherStatus;
  /** Why there is no answer. */
  readonly problem: string | undefined;
  /** Undefined also where it answered that it does not know the request. */
  readonly explanation: LauncherExplanation | undefined;
}

const TIMEOUT_MS = 1000;

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
          problem: sayFetchError(cause),
          explanation: undefined,
        };
      }
    }),
  );
}

async function ask(target: Target, request: string, signal: AbortSignal): Promise<LauncherAnswer> {
  const path = `explain/${encodeURIComponent(request)}`;
  const { status, body } = await getText(target.url, path, signal);
  if (status === 404 && body === 'null') {
    return { ...target, status: 'answered', problem: undefined, explanation: undefined };
  }
  const explanation = status === 200 ? parse(body) : undefined;
  if (explanation !== undefined) {
    return { ...target, status: 'answered', problem: undefined, explanation };
  }
  const problem =
    status === 200
      ? 'what it answers is no explanation'
      : `it answers ${status}, as Python’s launchers do`;
  return { ...target, status: 'cannot-be-asked', problem, explanation: undefined };
}

function parse(body: string): LauncherExplanation | undefined {
  try {
    return launcherExplanationSchema.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
