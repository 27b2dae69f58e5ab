/** What conformance asks of a cloud in memory, whichever it is: all that its steering does. */
import { settle, type ManualClock } from '../../../fixtures/clock.ts';
import type { Holdable } from '../../../fixtures/cloud-steering.ts';
import type { Provider } from '../../../shared/drivers/driver.ts';
import type { CloudSubject } from '../../support/cloud-conformance.ts';
import { settleByTurning } from './settle-by-turning.ts';

/** More than the clouds take for anything. */
export const LONG_MS = 10_000;

interface SteerableCloud {
  onCall: ((call: string) => void) | undefined;
  limits: object;
  hold(what: Holdable): void;
  release(what: Holdable): void;
}

type Steered = Pick<
  CloudSubject,
  | 'provider'
  | 'settle'
  | 'idle'
  | 'onCall'
  | 'stall'
  | 'exhaustQuota'
  | 'holdDeletes'
  | 'releaseDeletes'
  | 'close'
>;

export function steered(clock: ManualClock, cloud: SteerableCloud, provider: Provider): Steered {
  return {
    provider,
    settle: (promise) => settleByTurning(clock, promise),
    async idle() {
      await clock.advance(LONG_MS);
      await settle();
    },
    onCall: (listener) => {
      cloud.onCall = listener;
    },
    stall: () => {
      cloud.hold('create');
    },
    exhaustQuota: () => {
      cloud.limits = { instances: 0 };
    },
    holdDeletes: () => {
      cloud.hold('delete');
    },
    releaseDeletes: () => {
      cloud.release('delete');
    },
    close: () => provider.close(),
  };
}
