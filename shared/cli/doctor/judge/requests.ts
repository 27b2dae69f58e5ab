/** Requests that take long, with what is known of the reason. Pure. */
import { sayDuration } from '../../../base/words.ts';
import { MIN_READY_REQUESTOR } from '../../../../schemas/records/request.ts';
import { sayCount } from '../../explain/words.ts';
import { groupBy } from '../../group.ts';
import type { RequestView } from '../../../web/source.ts';
import type { Finding, Severity } from '../model.ts';
import { sayFew } from '../words.ts';

const WAITING_WARN = 600;
const WAITING_PROBLEM = 3600;
const SERVED_WARN = 3600;
/** Zuul takes its nodes within seconds. */
const TAKEN_WARN = 600;

export interface SlowRequests {
  readonly state: 'requested' | 'pending' | 'fulfilled';
  readonly labels: string;
  /** Oldest first. */
  readonly requests: readonly RequestView[];
  readonly oldestSeconds: number;
}

/** Requests of one state for the same labels that take longer than they should; the oldest first. */
export function slowRequests(requests: readonly RequestView[], now: number): SlowRequests[] {
  const limits: Readonly<Record<string, number>> = {
    requested: WAITING_WARN,
    pending: SERVED_WARN,
    fulfilled: TAKEN_WARN,
  };
  const slow = requests.filter(({ record: { state, state_time, requestor } }) => {
    if (requestor === MIN_READY_REQUESTOR) return false;
    return now - state_time >= (limits[state] ?? Infinity);
  });
  const groups = groupBy(slow, ({ record: { state, node_types } }) =>
    [state, node_types.toSorted().join(', ')].join('\0'),
  );
  return [...groups]
    .map(([key, all]): SlowRequests => {
      const sorted = all.toSorted((a, b) => a.record.state_time - b.record.state_time);
      const [state = '', labels = ''] = key.split('\0');
      const oldestSeconds = now - (sorted[0]?.record.state_time ?? now);
      return { state: state as SlowRequests['state'], labels, requests: sorted, oldestSeconds };
    })
    .sort((a, b) => b.oldestSeconds - a.oldestSeconds);
}

/** `verdict`: what `explain` says of the oldest one; undefined: it could not be asked. */
export function judgeSlow(slow: SlowRequests, verdict: string | undefined): Finding {
  const { state, requests, oldestSeconds } = slow;
  const ids = requests.map(({ id }) => id);
  const age = sayDuration(oldestSeconds);
  const [oldest = ''] = ids;
  const object = `${sayCount(ids.length, 'request')} for ${slow.labels}: ${sayFew(ids)}`;
  if (state === 'fulfilled')
    return {
      ...{ severity: 'warning', code: 'requests-not-taken', object },
      seen: `fulfilled for up to ${age}, and nobody has taken the nodes`,
      remedy:
        'look whether Zuul’s executors and schedulers run; it deletes the request when it has them',
    };
  const isWaiting = state === 'requested';
  const severity: Severity = isWaiting && oldestSeconds >= WAITING_PROBLEM ? 'problem' : 'warning';
  const why = verdict === undefined ? '' : `; ${oldest} ${verdict}`;
  return {
    ...{ severity, code: isWaiting ? 'requests-waiting' : 'requests-pending', object },
    seen: `${isWaiting ? 'waiting' : 'being served'} for up to ${age}${why}`,
    remedy: `nodepool explain ${oldest} tells all that is known`,
  };
}
