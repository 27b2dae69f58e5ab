/**
 * What goes on in this launcher, as one document: `GET /status`. Made from what is known in memory when
 * somebody asks; nothing is decided anew, so that it may be asked for each second.
 */
import type { LauncherStatus } from '../../schemas/launcher-status.ts';
import { safeText } from '../../shared/telemetry/safe-value.ts';
import type { Answer } from '../assignment/answers.ts';
import type { DrainWatch } from '../drain/drain-watch.ts';
import type { ExplainParts } from '../explain/parts.ts';
import { explainWaiting } from '../explain/waiting.ts';
import type { Launches } from './launches.ts';
import { providerStatus } from './providers.ts';

export interface StatusParts extends ExplainParts {
  readonly version: string;
  readonly launches: Launches;
  readonly drainWatch: Pick<DrainWatch, 'isDraining'>;
}

/** Waiting requests that are looked at for their first reason. */
const MOST_REQUESTS = 2000;

/** `now` in Unix seconds. */
export function launcherStatus(parts: StatusParts, now: number): LauncherStatus {
  const first = new FirstReasons();
  const summary = explainWaiting(parts, (id, answers) => {
    first.add(id, answers);
  });
  const { launcher, is_current, waiting, without_answer, reasons, serving } = summary;
  return {
    ...{
      launcher,
      version: parts.version,
      now,
      is_current,
      is_draining: parts.drainWatch.isDraining,
    },
    waiting,
    without_answer,
    reasons,
    requests: first.found,
    serving,
    providers: providerStatus(parts),
    launches: parts.launches.all(),
  };
}

/** Requests about which no own pool has said anything are left out. */
class FirstReasons {
  readonly found: LauncherStatus['requests'] = [];
  /** Thousands wait for the same. */
  readonly #safe = new Map<string, string>();
  #looked = 0;

  add(id: string, answers: readonly Answer[]): void {
    if (++this.#looked > MOST_REQUESTS) return;
    const answer = tellingAnswer(answers);
    const reason = answer?.reasons[0];
    if (!answer || !reason) return;
    const text = `${answer.pool.key}: ${reason.text}`;
    let said = this.#safe.get(text);
    if (said === undefined) this.#safe.set(text, (said = safeText(text)));
    this.found.push({ id, reason: said, code: reason.code });
  }
}

/** What a request waits for says more than who will not have it. */
function tellingAnswer(answers: readonly Answer[]): Answer | undefined {
  return answers.find(({ kind }) => kind === 'defer') ?? answers[0];
}
