/** Requests that take long, and what `explain` says of the oldest ones. */
import { targetsOf } from '../../../asking/targets.ts';
import { askLaunchers } from '../../explain/ask.ts';
import { explain } from '../../explain/explanation.ts';
import { readFacts } from '../../explain/facts.ts';
import type { Ground } from '../ground.ts';
import { judgeSlow, slowRequests, type SlowRequests } from '../judge/requests.ts';
import type { Check } from '../run.ts';

/** Of so many groups of requests the oldest is explained. */
const MOST_EXPLAINED = 5;

export const requests: Check = {
  name: 'requests',
  async run(ground, signal) {
    const { requests: all, now } = await ground.records();
    const slow = slowRequests(all, now);
    return Promise.all(
      slow.map(async (group, index) =>
        judgeSlow(
          group,
          index < MOST_EXPLAINED ? await verdictOf(group, ground, signal) : undefined,
        ),
      ),
    );
  },
};

/** Undefined: it cannot be told now. */
async function verdictOf(
  { requests: [oldest] }: SlowRequests,
  ground: Ground,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (oldest === undefined || oldest.record.state === 'fulfilled') return undefined;
  const [config, client] = await Promise.all([ground.config(), ground.zookeeper()]);
  const { clock, hostname } = ground.context;
  const facts = await readFacts(oldest.id, { client, signal, warn: () => undefined });
  if (facts === undefined) return undefined;
  const targets = targetsOf([...facts.launchers, ...facts.pools], config.webapp, hostname);
  const answers = await askLaunchers(targets, oldest.id, { clock, signal });
  return explain(facts, answers, clock.now() / 1000).verdict.text;
}
