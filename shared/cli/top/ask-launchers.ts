/**
 * Asks launchers for `/status`. All at once, each for two seconds: one that does not answer, or is
 * Python's and has no such page, is reported and holds nobody up.
 */
import { launcherStatusSchema, type LauncherStatus } from '../../../schemas/launcher-status.ts';
import { getText, sayFetchError } from '../../asking/get-text.ts';
import type { Clock } from '../../base/clock.ts';
import { NodepoolError } from '../../base/errors.ts';
import { withDeadline } from '../../base/wait.ts';

export interface Told {
  readonly answer: LauncherStatus | undefined;
  readonly problem: string | undefined;
}

const TIMEOUT_MS = 2000;

/** Rejects only when the signal aborts. */
export async function askStatus(
  url: string,
  options: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Told> {
  const error = (): Error =>
    new NodepoolError('NP_ABORTED', `no answer within ${TIMEOUT_MS / 1000} s`);
  try {
    return await withDeadline({ ...options, ms: TIMEOUT_MS, error }, async (signal) => {
      const { status, body } = await getText(url, 'status', signal);
      if (status !== 200)
        return { answer: undefined, problem: `answers ${status} at /status, as Python’s do` };
      const answer = parse(body);
      const problem = 'what it answers at /status is something else';
      return { answer, problem: answer === undefined ? problem : undefined };
    });
  } catch (cause) {
    if (options.signal.aborted) throw cause;
    return { answer: undefined, problem: sayFetchError(cause) };
  }
}

function parse(body: string): LauncherStatus | undefined {
  try {
    return launcherStatusSchema.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
