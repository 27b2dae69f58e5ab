/** One node of a request that was served, as a span with its phases as children. Pure. */
import type { SpanData } from '../../shared/telemetry/tracing/trace.ts';
import type { PhaseStep } from '../requests/progress.ts';

/** One node on its way, as `NodeProgress` tells it. */
export interface NodeHistory {
  readonly label: string;
  readonly node: string | undefined;
  readonly attempt: number | undefined;
  readonly problem: string | undefined;
  readonly steps: readonly PhaseStep[];
}

/** A node stays in these; what comes before the first phase of its own belongs to the request. */
const LAST = new Set<string>(['ready', 'given-up']);

/** `since`, `until`: of the serving as a whole, in Unix seconds. */
export function nodeSpan(history: NodeHistory, since: number, until: number): SpanData {
  const { label, node, attempt, steps } = history;
  const phases = phaseSpans(history, until);
  const last = steps.at(-1);
  return {
    name: 'Node',
    start: phases[0]?.start ?? since,
    end: last !== undefined && LAST.has(last.phase) ? last.since : until,
    attributes: { label, node, attempts: attempt, result: last?.phase },
    problem: last?.phase === 'ready' ? undefined : history.problem,
    children: phases,
  };
}

function phaseSpans({ steps }: NodeHistory, until: number): SpanData[] {
  return steps.flatMap((step, index) => {
    const { phase, since, attempt, problem } = step;
    if (phase === 'beginning' || LAST.has(phase)) return [];
    const end = steps[index + 1]?.since ?? until;
    return [{ name: spanName(phase), start: since, end, attributes: { attempt }, problem }];
  });
}

/** `waiting-for-room` as `WaitingForRoom`, in the manner of Zuul's spans. */
function spanName(phase: string): string {
  return phase.replaceAll(/(?:^|-)(\w)/g, (_, first: string) => first.toUpperCase());
}
