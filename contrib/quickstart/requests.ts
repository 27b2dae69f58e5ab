/** Submits requests as Zuul would and shows what happens to each. */
import type { Clock } from '../../shared/base/clock.ts';
import { messageOf } from '../../shared/base/errors.ts';
import { sleep, withDeadline } from '../../shared/base/wait.ts';
import type { Grant, Requestor } from '../../fixtures/zuul/requestor.ts';
import type { Screen } from './screen.ts';

/** How long a "job" keeps its nodes. */
const JOB_MS = 800;
/** A request that takes longer than this in the quickstart has failed. */
const ANSWER_DEADLINE_MS = 30_000;

export interface Asking {
  readonly requestor: Requestor;
  readonly screen: Screen;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** One request from submit to the return of its nodes; whether it went well. */
export async function serveOne(asking: Asking, labels: readonly string[]): Promise<boolean> {
  const { requestor, screen, clock, signal } = asking;
  const wanted = labels.join(' + ');
  let id = '';
  try {
    const deadline = {
      clock,
      ms: ANSWER_DEADLINE_MS,
      signal,
      error: () => new Error(`no nodes within ${ANSWER_DEADLINE_MS / 1000} seconds`),
    };
    const grant = await withDeadline(deadline, (within) =>
      requestor.ask(labels, {
        signal: within,
        onState: (state, requestId) => {
          id = requestId;
          if (state !== 'fulfilled') screen.event(id, `${state.padEnd(10)} ${wanted}`);
        },
      }),
    );
    show(screen, grant);
    await sleep(clock, JOB_MS, signal).catch(() => undefined);
    await grant.giveBack();
    screen.event(id, `given back ${grant.nodes.map((node) => node.id).join(', ')}`);
    return true;
  } catch (error) {
    if (!signal.aborted) screen.event(id, messageOf(error), 'bad');
    return false;
  }
}

function show(screen: Screen, grant: Grant): void {
  screen.event(grant.requestId, `fulfilled  in ${grant.fulfilledMs} ms`, 'good');
  for (const { id, record } of grant.nodes) {
    const { username, interface_ip: address, connection_port: port, provider, host_keys } = record;
    const count = Array.isArray(host_keys) ? host_keys.length : 0;
    const keys = `${count} host key${count === 1 ? '' : 's'}`;
    const where = `${String(username)}@${String(address)}:${String(port)}`;
    screen.event('', `  node ${id}  ${where}  (${String(provider)}, ${keys})`);
  }
}
