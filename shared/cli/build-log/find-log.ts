/** Finds the log of a build: asks ZooKeeper, the builders, and this machine's own folder. */
import { buildLogsSchema } from '../../../schemas/builder-status.ts';
import type { Config } from '../../../schemas/config/model.ts';
import { buildSchema, type BuildRecord } from '../../../schemas/records/image.ts';
import { NodepoolError } from '../../base/errors.ts';
import { logsIn } from '../../build-logs/folder.ts';
import { parseFullBuildId } from '../../build-logs/names.ts';
import { buildPath, type BuildKey } from '../../store/paths.ts';
import type { Context } from '../command.ts';
import { buildKeys, imageNames } from '../image-records.ts';
import { inBatches, readComponents, readRecord, type ReadOptions } from '../records.ts';
import { askBuilders, builderUrls, type Asked } from '../../asking/builders.ts';
import {
  chooseLog,
  type KnownBuild,
  type LogChoice,
  type LogFacts,
} from '../../asking/choose-log.ts';

export interface LogWanted {
  readonly image: string;
  /** Undefined: that of the build that runs, else the newest. */
  readonly build: string | undefined;
}

export interface FoundAt {
  readonly key: BuildKey;
  /** The builder's web server; undefined: it is a file of this machine. */
  readonly url: string | undefined;
}

export interface FindOptions extends ReadOptions {
  readonly config: Config;
  readonly context: Context;
  /** Instead of all builders. */
  readonly url: string | undefined;
}

/** @throws NodepoolError NP_BUILD_LOG where there is none that could be had, with the reason. */
export async function findLog(
  { name, build }: { readonly name: string; readonly build: string | undefined },
  options: FindOptions,
): Promise<FoundAt> {
  const wanted = resolveName(name, build, await knownImages(options));
  const facts = await factsOf(wanted, options);
  const choice = chooseLog(facts);
  const { image } = wanted;
  if (choice.kind === 'builder') return { key: { image, build: choice.build }, url: choice.url };
  if (choice.kind === 'file') return { key: { image, build: choice.build }, url: undefined };
  throw new NodepoolError('NP_BUILD_LOG', sayMissing(image, choice, facts.answers));
}

async function knownImages(options: FindOptions): Promise<string[]> {
  const names = [...(await imageNames(options)), ...options.config.diskimages.keys()];
  return [...new Set(names)].sort();
}

/** `name` is that of an image, or `<image>-<build>` as lists print it. */
export function resolveName(
  name: string,
  build: string | undefined,
  known: readonly string[],
): LogWanted {
  if (known.includes(name)) return { image: name, build };
  const full = parseFullBuildId(name);
  if (full !== undefined && known.includes(full.image) && (build ?? full.build) === full.build)
    return full;
  const are = known.length === 0 ? 'there are no images' : `there are ${known.join(', ')}`;
  throw new NodepoolError('NP_BUILD_LOG', `there is no image ${full?.image ?? name}; ${are}`);
}

async function factsOf({ image, build }: LogWanted, options: FindOptions): Promise<LogFacts> {
  const { config, context, url } = options;
  const builds = await readBuildsOf(image, options);
  const hosts = [
    ...builds.flatMap(({ record }) => record.builder ?? []),
    ...(await readComponents('builder', options)).map(({ hostname }) => hostname),
  ];
  const urls = url === undefined ? builderUrls(hosts, config, context.hostname) : [url];
  const path = `build-logs/${encodeURIComponent(image)}`;
  const [answers, local] = await Promise.all([
    askBuilders(urls, path, buildLogsSchema, context),
    url === undefined ? logsIn(config.buildLogDir, image) : [],
  ]);
  // Of one builder that is named, what others have built does not matter.
  const asked = answers.map(({ answer }) => answer?.builder);
  const own = builds.filter(({ record }) => asked.includes(record.builder));
  return { wanted: build, builds: url === undefined ? builds : own, answers, local };
}

async function readBuildsOf(image: string, options: ReadOptions): Promise<KnownBuild[]> {
  return inBatches(await buildKeys(image, options), async (key) => {
    const record = await readRecord<BuildRecord>(buildPath(key), buildSchema, options);
    return record && { build: key.build, record };
  });
}

function sayMissing(
  image: string,
  choice: Extract<LogChoice, { kind: 'out-of-reach' | 'nothing' }>,
  answers: readonly Asked<unknown>[],
): string {
  const problems = answers.flatMap(({ url, problem }) =>
    problem === undefined ? [] : [`\n  builder at ${url}: ${problem}`],
  );
  const asked = answers.length === 0 ? '\n  no builder is registered' : problems.join('');
  if (choice.kind === 'nothing') return `image ${image} has no build and no log yet${asked}`;
  const who = choice.builder === undefined ? '' : ` of builder ${choice.builder}`;
  const gone = asked === '' ? '; it may have been deleted (build-log-retention)' : asked;
  return `no log of build ${image}-${choice.build}${who} can be had${gone}`;
}
