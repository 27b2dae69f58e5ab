/** Asks the web servers of launchers and builders for what `nodepool top` shows. */
import type { Config } from '../../../schemas/config/model.ts';
import { buildsSchema, uploadsSchema } from '../../../schemas/builder-status.ts';
import type { LauncherStatus } from '../../../schemas/launcher-status.ts';
import { askBuilders, builderTargets } from '../../asking/builders.ts';
import { targetsOf, type Target } from '../../asking/targets.ts';
import type { Context } from '../command.ts';
import { readComponents, type ReadOptions } from '../records.ts';
import { askStatus } from './ask-launchers.ts';
import type { BuilderAnswer, Process, Stored, TopData } from './model.ts';

export interface CollectOptions extends ReadOptions {
  readonly config: Config;
  readonly context: Pick<Context, 'clock' | 'hostname'>;
  /** Web servers to ask instead of those that ZooKeeper names. */
  readonly urls: readonly string[] | undefined;
}

type Registered = ReadonlyMap<string, { state: string; version: string | null }>;

/** What the web servers say beside what is stored. `isCurrent` is left to the one who knows. */
export async function collect(
  stored: Stored,
  options: CollectOptions,
): Promise<Omit<TopData, 'isCurrent'>> {
  const { context, config, urls } = options;
  const [launcherRecords, builderRecords] = await Promise.all([
    readComponents('launcher', options),
    readComponents('builder', options),
  ]);
  const named = urls?.map((url) => ({ hostname: undefined, url }));
  const hosts = builderRecords.map(({ hostname }) => hostname);
  const [launchers, builders] = await Promise.all([
    askLaunchers(
      named ?? targetsOf(launcherRecords, config.webapp, context.hostname),
      new Map(launcherRecords.map((one) => [one.hostname, one])),
      options,
    ),
    askAllBuilders(
      named ?? builderTargets(hosts, config, context.hostname),
      new Map(builderRecords.map((one) => [one.hostname, one])),
      options,
    ),
  ]);
  const now = context.clock.now() / 1000;
  if (urls === undefined) return { now, stored, launchers, builders };
  return { now, stored, ...withoutStrangers(launchers, builders) };
}

async function askLaunchers(
  targets: readonly Target[],
  registered: Registered,
  { context, signal }: CollectOptions,
): Promise<Process<LauncherStatus>[]> {
  const { clock } = context;
  return Promise.all(
    targets.map(async (target) => {
      const told = await askStatus(target.url, { clock, signal });
      const own = of(target, registered);
      return { ...own, version: own.version ?? told.answer?.version, ...told };
    }),
  );
}

async function askAllBuilders(
  targets: readonly Target[],
  registered: Registered,
  { context, signal }: CollectOptions,
): Promise<Process<BuilderAnswer>[]> {
  const urls = targets.map(({ url }) => url);
  const options = { clock: context.clock, signal };
  const [builds, uploads] = await Promise.all([
    askBuilders(urls, 'builds', buildsSchema, options),
    askBuilders(urls, 'uploads', uploadsSchema, options),
  ]);
  return targets.map((target, i) => {
    const [own, sent] = [builds[i]?.answer, uploads[i]?.answer];
    const problem = builds[i]?.problem ?? uploads[i]?.problem;
    const answer =
      own === undefined || sent === undefined
        ? undefined
        : { builds: own.builds, uploads: sent.uploads };
    return { ...of(target, registered), answer, problem };
  });
}

function of(
  { hostname, url }: Target,
  registered: Registered,
): Pick<Process<never>, 'name' | 'state' | 'version'> {
  const record = hostname === undefined ? undefined : registered.get(hostname);
  return {
    name: hostname ?? url,
    state: record?.state ?? 'running',
    version: record?.version ?? undefined,
  };
}

/** An address is that of a launcher or of a builder; only what is neither is told of, as a launcher. */
function withoutStrangers(
  launchers: readonly Process<LauncherStatus>[],
  builders: readonly Process<BuilderAnswer>[],
): Pick<TopData, 'launchers' | 'builders'> {
  const known = builders.filter(({ answer }) => answer !== undefined);
  const names = new Set(known.map(({ name }) => name));
  return {
    launchers: launchers.filter(({ name, answer }) => answer !== undefined || !names.has(name)),
    builders: known,
  };
}
