/** Who is registered: launchers, builders, their versions, the providers that they run. Pure. */
import type { Config } from '../../../../schemas/config/model.ts';
import type { Finding } from '../model.ts';
import type { Member } from '../records.ts';
import { sayFew } from '../words.ts';

export function judgeMembers(
  members: readonly Member[],
  config: Pick<Config, 'diskimages' | 'providers'>,
): Finding[] {
  const launchers = members.filter(({ kind }) => kind === 'launcher');
  const builders = members.filter(({ kind }) => kind === 'builder');
  const findings: Finding[] = [];
  if (launchers.length === 0)
    findings.push({
      ...{ severity: 'problem', code: 'no-launcher', object: 'launchers' },
      seen: 'none is registered: no request is answered',
      remedy: 'start nodepool-launcher, or look into its log',
    });
  if (builders.length === 0 && config.diskimages.size > 0)
    findings.push({
      ...{ severity: 'problem', code: 'no-builder', object: 'builders' },
      seen: `none is registered, for ${config.diskimages.size} disk images`,
      remedy: 'start nodepool-builder, or look into its log',
    });
  return [
    ...findings,
    ...kinds('launcher', launchers),
    ...kinds('builder', builders),
    ...(launchers.length > 0 ? idle(members, config) : []),
  ];
}

function kinds(what: string, members: readonly Member[]): Finding[] {
  const ours = members.filter(({ isPython }) => !isPython);
  const versions = [...new Set(ours.map(({ record }) => record.version ?? 'unknown'))].sort();
  const findings: Finding[] = [];
  if (versions.length > 1)
    findings.push({
      ...{ severity: 'warning', code: 'versions-mixed', object: `${what}s` },
      seen: `run different versions: ${versions.join(', ')}`,
      remedy: 'finish the update',
    });
  if (ours.length > 0 && ours.length < members.length) {
    const hosts = members.flatMap(({ isPython, record }) => (isPython ? [record.hostname] : []));
    findings.push({
      ...{ severity: 'note', code: 'python-beside-ours', object: `${what}s` },
      seen: `Python Nodepool runs beside ours, on ${sayFew(hosts)}`,
      remedy: 'none is needed: they work together; end it when the change is done',
    });
  }
  return findings;
}

/** Launchers without a pool, and providers without a launcher. */
function idle(members: readonly Member[], { providers }: Pick<Config, 'providers'>): Finding[] {
  const pools = members.filter(({ kind }) => kind === 'pool');
  const busyHosts = new Set(pools.map(({ record }) => record.hostname));
  const run = new Set(pools.map(({ record }) => record.provider_name));
  const hosts = members
    .filter(({ kind, record }) => kind === 'launcher' && !busyHosts.has(record.hostname))
    .map(({ record }) => record.hostname);
  const draining = new Set(
    pools
      .filter(isDraining)
      .map(({ record }) => `${record.provider_name ?? ''} on ${record.hostname}`),
  );
  const absent = [...providers.values()].filter(
    ({ name, pools }) => pools.length > 0 && !run.has(name),
  );
  return [
    ...(draining.size === 0 ? [] : [drained([...draining])]),
    ...hosts.map((host): Finding => ({
      ...{ severity: 'warning', code: 'launcher-without-pool', object: `launcher ${host}` },
      seen: 'has no pool: none of its providers runs, or it has none',
      remedy: 'look at what is told of the providers, and into its log',
    })),
    ...absent.map(({ name, place }): Finding => ({
      ...{ severity: 'problem', code: 'provider-not-run', object: `provider ${name}` },
      seen: 'no launcher runs it',
      remedy: `the log of a launcher says why it cannot start; if all have another configuration, correct ${place}`,
    })),
  ];
}

function drained(names: readonly string[]): Finding {
  return {
    ...{ severity: 'note', code: 'draining', object: `providers ${sayFew(names)}` },
    seen: 'are drained: they take nothing new',
    remedy: 'nodepool drain --list tells by whom and why; nodepool drain NAME --undo ends it',
  };
}

/** As our launchers register a pool that is drained (launcher/pools). */
export function isDraining({ record }: Member): boolean {
  return record.state === 'draining';
}
