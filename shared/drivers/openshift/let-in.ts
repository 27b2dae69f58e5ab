/**
 * A project that has just been made may forbid its maker what is allowed a moment later: each of
 * OpenShift's servers has to learn of its role bindings.
 *
 * Facts: openshift-apiserver, pkg/project/apiserver/registry/projectrequest/delegated/delegated.go, which
 * waits for its own server alone, for six seconds.
 */
import type { Clock } from '../../base/clock.ts';
import { sleep } from '../../base/wait.ts';
import { isForbidden } from '../pods/client/errors.ts';

const LET_IN_SECONDS = 10;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1000;

/** Calls again while it is forbidden, for ten seconds. */
export async function onceLetIn<T>(
  clock: Clock,
  signal: AbortSignal,
  call: () => Promise<T>,
): Promise<T> {
  const endMs = clock.monotonic() + LET_IN_SECONDS * 1000;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      return await call();
    } catch (error) {
      if (!isForbidden(error) || clock.monotonic() >= endMs) throw error;
    }
    await sleep(clock, pauseMs, signal);
  }
}
