/** What our driver has to reach against Python Nodepool 11's on the same services. */
import type { OpenStackCase, OpenStackResult } from './result.ts';
import type { RunFigures } from './run.ts';

export interface OpenStackVerdict {
  readonly what: string;
  /** `at most 0.2`, ... */
  readonly target: string;
  readonly value: number | null;
  readonly reached: boolean;
}

/** Calls to the cloud, ours to Python's. */
const MOST_CALLS_ALONE = 1;
const MOST_CALLS_IN_A_CROWD = 0.2;

export function judgeOpenStack({ cases }: OpenStackResult): OpenStackVerdict[] {
  return cases.flatMap((one) => {
    const of = `${one.variant}, ${one.in_flight} in flight: `;
    const isCrowd = one.in_flight > 1;
    return [
      atMost(
        `${of}calls a node / python`,
        isCrowd ? MOST_CALLS_IN_A_CROWD : MOST_CALLS_ALONE,
        ratio(one, (run) => run.calls_per_node),
      ),
      atMost(`${of}failed, lost or left behind`, 0, one.ours && troubles(one.ours)),
    ];
  });
}

function ratio({ ours, python }: OpenStackCase, read: (run: RunFigures) => number) {
  return ours && python && read(ours) / read(python);
}

function troubles({ failed, left }: RunFigures): number {
  return Object.values(left).reduce((all, one) => all + one, failed);
}

/** No value counts as missed. */
function atMost(what: string, most: number, value: number | undefined): OpenStackVerdict {
  const reached = value !== undefined && value <= most;
  return { what, target: `at most ${most}`, value: value ?? null, reached };
}
