/**
 * One check for each provider: its driver is started as a launcher does, and asked for limits, machines,
 * labels and what was left behind. Nothing is made, changed or deleted.
 */
import type { Config, ProviderConfig } from '../../../../schemas/config/model.ts';
import { hasCode, messageOf } from '../../../base/errors.ts';
import { sumQuota } from '../../../cloud/quota.ts';
import type { Provider } from '../../../drivers/driver.ts';
import { isLeaked, type KnownRecords } from '../../../rules/nodes/leaked.ts';
import { groupBy } from '../../group.ts';
import { withProvider } from '../../provider/open-provider.ts';
import type { Ground } from '../ground.ts';
import { judgeCloud, judgeStart, type CloudFacts, type LabelFacts } from '../judge/clouds.ts';
import type { Finding } from '../model.ts';
import type { Check } from '../run.ts';
import { hostFindings } from './hosts.ts';
import { knownOf, readKnown } from './known-records.ts';

const DEADLINE_MS = 150_000;

/** In the order of the configuration; those that `--provider` and `--no-clouds` leave. */
export function cloudChecks({ providers }: Pick<Config, 'providers'>): Check[] {
  return [...providers.values()].map((provider) => ({
    name: `provider ${provider.name}`,
    deadlineMs: DEADLINE_MS,
    run: (ground, signal) => lookAt(provider, ground, signal),
  }));
}

async function lookAt(
  provider: ProviderConfig,
  ground: Ground,
  signal: AbortSignal,
): Promise<Finding[]> {
  const config = await ground.config();
  const context = { ...ground.context, signal };
  try {
    return await withProvider(provider, config, context, async (connection) => {
      if (connection.inventory) return hostFindings(provider.name, connection.inventory, signal);
      return judgeCloud(await factsOf(provider, connection, ground, signal));
    });
  } catch (error) {
    if (!hasCode(error, 'NP_PROVIDER_START')) throw error;
    const cause = error instanceof Error ? error.cause : undefined;
    return [judgeStart(provider, messageOf(cause ?? error))];
  }
}

async function factsOf(
  provider: ProviderConfig,
  connection: Provider,
  ground: Ground,
  signal: AbortSignal,
): Promise<CloudFacts> {
  const problems: { what: string; reason: string }[] = [];
  const attempt = async <T>(what: string, otherwise: T, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted) throw error;
      problems.push({ what, reason: messageOf(error) });
      return otherwise;
    }
  };
  const [limits, instances, labels, leaks] = await Promise.all([
    attempt('its quota cannot be asked for', {}, () => connection.quotaLimits(signal)),
    attempt('its machines cannot be listed', [], () => connection.listInstances(signal)),
    attempt('what labels take cannot be asked for', [], () =>
      labelFacts(provider, connection, signal),
    ),
    attempt('what was left behind cannot be listed', new Map(), () =>
      leaksOf(provider.name, connection, ground, signal),
    ),
  ]);
  const used = sumQuota(instances.map(({ resources }) => resources));
  return { provider, limits, used, labels, leaks, problems };
}

async function labelFacts(
  provider: ProviderConfig,
  connection: Provider,
  signal: AbortSignal,
): Promise<LabelFacts[]> {
  const facts: LabelFacts[] = [];
  for (const label of provider.pools.flatMap(({ labels }) => [...labels.values()])) {
    const { name, place = provider.place, diskimage } = label;
    const hasImage = diskimage !== undefined || connection.isLabelReady(label);
    try {
      const need = await connection.quotaForLabel(label, signal);
      facts.push({ name, place, need, problem: undefined, hasImage });
    } catch (error) {
      if (!hasCode(error, 'NP_CLOUD_FATAL')) throw error;
      facts.push({ name, place, need: {}, problem: messageOf(error), hasImage });
    }
  }
  return facts;
}

/** A record is there before what is made for it and after it, so it is looked for on both sides. */
async function leaksOf(
  provider: string,
  connection: Provider,
  ground: Ground,
  signal: AbortSignal,
): Promise<Map<string, string[]>> {
  if (connection.leaks === undefined) return new Map();
  const before = knownOf(provider, await ground.records());
  const listed = await connection.leaks.list(signal);
  const suspects = listed.filter((one) => isLeaked(one, provider, before));
  if (suspects.length === 0) return new Map();
  const client = await ground.zookeeper();
  const after = await readKnown(provider, { client, signal, warn: () => undefined });
  const either: KnownRecords = {
    nodeOf: (id) => after.nodeOf(id) ?? before.nodeOf(id),
    hasUpload: (build, upload) => before.hasUpload(build, upload) || after.hasUpload(build, upload),
  };
  const left = suspects.filter((one) => isLeaked(one, provider, either));
  return new Map(
    [...groupBy(left, ({ kind }) => kind)].map(([kind, all]) => [kind, all.map(({ id }) => id)]),
  );
}
