/**
 * Values for completion that only the configuration or ZooKeeper knows. Whoever presses Tab wants no
 * message and does not wait: what cannot be had soon is left out.
 */
import { silentLogger } from '../../base/log.ts';
import { NodepoolError } from '../../base/errors.ts';
import { withDeadline } from '../../base/wait.ts';
import type { Config } from '../../../schemas/config/model.ts';
import { NODES, REQUESTS } from '../../store/paths.ts';
import type { Context } from '../command.ts';
import { buildKeys, imageNames } from '../image-records.ts';
import { childrenOf, readComponents, type ReadOptions } from '../records.ts';
import { configOf, withZooKeeperOf } from '../zookeeper.ts';
import type { ValueKind } from './wanted.ts';

const DEADLINE_MS = 2500;
/** Nobody reads more, and shells become slow. */
const MOST = 1000;

export async function valuesOf(kinds: readonly ValueKind[], context: Context): Promise<string[]> {
  if (kinds.length === 0) return [];
  const config = await orNothing(() => configOf(context));
  if (config === undefined) return [];
  const own = kinds.flatMap((kind) => valuesOfConfig(kind, config));
  const asked = kinds.filter((kind) => IN_ZOOKEEPER[kind] !== undefined);
  const stored =
    asked.length === 0 ? [] : await orNothing(() => storedValues(asked, config, context));
  return [...new Set([...own, ...(stored ?? [])])].sort().slice(0, MOST);
}

function valuesOfConfig(kind: ValueKind, config: Config): string[] {
  if (kind === 'image') return [...config.diskimages.keys()];
  if (kind === 'provider') return [...config.providers.keys()];
  return kind === 'label' ? [...config.labels.keys()] : [];
}

const IN_ZOOKEEPER: Partial<Record<ValueKind, (options: ReadOptions) => Promise<string[]>>> = {
  image: imageNames,
  node: (options) => childrenOf(NODES, options),
  request: (options) => childrenOf(REQUESTS, options),
  async build(options) {
    const perImage = (await imageNames(options)).map((image) => buildKeys(image, options));
    return (await Promise.all(perImage)).flat().map(({ image, build }) => `${image}-${build}`);
  },
  async launcher(options) {
    return (await readComponents('launcher', options)).map(({ hostname }) => hostname);
  },
};

async function storedValues(
  kinds: readonly ValueKind[],
  config: Config,
  context: Context,
): Promise<string[]> {
  const { clock } = context;
  const warn = (): void => undefined;
  const error = (): Error => new NodepoolError('NP_ABORTED', 'completion takes too long');
  const deadline = { clock, ms: DEADLINE_MS, signal: context.signal, error };
  return withDeadline(deadline, (signal) =>
    withZooKeeperOf(config, { ...context, log: silentLogger, warn, signal }, async (client) => {
      const reading = { client, signal, warn };
      const found = kinds.map(async (kind) => (await IN_ZOOKEEPER[kind]?.(reading)) ?? []);
      return (await Promise.all(found)).flat();
    }),
  );
}

async function orNothing<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch {
    // Tab is no moment for complaints; the command itself will say what is wrong.
    return undefined;
  }
}
