/** Web servers of launchers and builders, and the clocks of their machines. */
import { isIP } from 'node:net';

import { isOwn } from '../../../asking/builders.ts';
import { below, sayFetchError } from '../../../asking/get-text.ts';
import { targetsOf, type Target } from '../../../asking/targets.ts';
import type { Config } from '../../../../schemas/config/model.ts';
import type { Context } from '../../command.ts';
import { clockByDate, judgeClock } from '../judge/clock.ts';
import { judgeWeb } from '../judge/web.ts';
import type { Finding } from '../model.ts';
import type { Member } from '../records.ts';
import type { Check } from '../run.ts';

const TIMEOUT_MS = 2_000;

export const web: Check = {
  name: 'web servers',
  async run(ground, signal) {
    const [config, { members }] = await Promise.all([ground.config(), ground.records()]);
    const { context } = ground;
    const targets = [
      ...whose('launcher', members, config.webapp, context),
      // Python's builders have no web server.
      ...whose(
        'builder',
        members.filter(({ isPython }) => !isPython),
        config.extensions.builder.web,
        context,
      ),
    ];
    const findings = await Promise.all(
      targets.map(({ name, target }) => lookAt(name, target, context, signal)),
    );
    return findings.flat();
  },
};

interface Named {
  readonly name: string;
  readonly target: Target;
}

/** Without those that listen on their own machine only. */
function whose(
  kind: 'launcher' | 'builder',
  members: readonly Member[],
  address: Config['webapp'],
  { hostname }: Context,
): Named[] {
  const isLocal = /^(127\.|::1$|localhost$)/.test(address.listenAddress);
  const found = members
    .filter((one) => one.kind === kind)
    .map(({ record }) => (isOwn(record.hostname, hostname) ? hostname : record.hostname))
    .filter((host) => !isLocal || host === hostname)
    .map((host) => ({ hostname: host }));
  return targetsOf(found, address, hostname).map((target) => ({
    name: `${kind} ${target.hostname ?? ''}`,
    target,
  }));
}

async function lookAt(
  name: string,
  { url }: Target,
  { clock, signal: interrupted }: Context,
  signal: AbortSignal,
): Promise<Finding[]> {
  const askedMs = clock.now();
  try {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const response = await fetch(below(url, 'ready'), { signal: patience, redirect: 'error' });
    const answeredMs = clock.now();
    await response.body?.cancel();
    const date = Date.parse(response.headers.get('date') ?? '');
    const facts = { whose: name, url, status: response.status, problem: undefined };
    return [
      ...judgeWeb(facts),
      ...(Number.isNaN(date) || isThisMachine(url)
        ? []
        : judgeClock(clockByDate(name, date, { askedMs, answeredMs }))),
    ];
  } catch (error) {
    if (interrupted.aborted) throw error;
    const isLate = error instanceof Error && error.name === 'TimeoutError';
    const problem = isLate ? `no answer within ${TIMEOUT_MS / 1000} s` : sayFetchError(error);
    return judgeWeb({ whose: name, url, status: undefined, problem });
  }
}

function isThisMachine(url: string): boolean {
  const { hostname } = new URL(url);
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  return bare === 'localhost' || (isIP(bare) !== 0 && /^(127\.|::1$)/.test(bare));
}
