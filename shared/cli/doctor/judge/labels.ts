/** Labels that nobody offers. Pure. */
import type { Config } from '../../../../schemas/config/model.ts';
import { labelsOf, offersOf } from '../../plan/offers.ts';
import type { Finding } from '../model.ts';
import type { Member } from '../records.ts';
import { sayFew } from '../words.ts';
import { isDraining } from './members.ts';

export function judgeLabels(
  members: readonly Member[],
  config: Pick<Config, 'labels' | 'providers'>,
): Finding[] {
  const pools = members.filter(({ kind }) => kind === 'pool');
  const offered = (all: readonly Member[]): Set<string> =>
    new Set(all.flatMap(({ record }) => record.supported_labels ?? []));
  const online = offered(pools);
  const open = offered(pools.filter((one) => !isDraining(one)));
  const configured = labelsOf(offersOf(config));
  const missing = [...config.labels.keys()].filter((name) => !online.has(name));
  const unused = missing.filter((name) => !configured.has(name));
  // Without any pool online another check says so.
  const offline = pools.length === 0 ? [] : missing.filter((name) => configured.has(name));
  const findings: Finding[] = [];
  if (offline.length > 0)
    findings.push({
      ...{ severity: 'problem', code: 'labels-offline', object: sayFew(offline) },
      seen: 'offered by the configuration, but by no pool that is online: requests for it fail or wait',
      remedy: 'see what is told of the providers: those with the label do not run',
    });
  if (unused.length > 0)
    findings.push({
      ...{ severity: 'warning', code: 'labels-unused', object: sayFew(unused) },
      seen: 'no pool offers it, online or in the configuration',
      remedy: 'add it to a pool, or take it out of labels',
    });
  const drained = [...config.labels.keys()].filter((name) => online.has(name) && !open.has(name));
  if (drained.length > 0)
    findings.push({
      ...{ severity: 'warning', code: 'labels-drained', object: sayFew(drained) },
      seen: 'offered only by pools that are drained: requests for it wait',
      remedy: 'nodepool drain NAME --undo, when the work on them is done',
    });
  return findings;
}
