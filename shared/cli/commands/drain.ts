/**
 * `nodepool drain NAME`: a provider, or the launcher on a host, takes nothing new; `--undo` ends that.
 *
 * Launchers obey at once, and after a restart too. Exit code 0 once the order is given, with `--wait`
 * once nothing is left; 1 for a name that is not known, or when `--timeout` is over.
 */
import type { DrainKind } from '../../../schemas/records/drain.ts';
import { endDrain } from '../../store/orders/drains.ts';
import { isName } from '../../store/paths.ts';
import type { ZooKeeper } from '../../zookeeper/types.ts';
import type { Command, Context } from '../command.ts';
import { beginDrain, type DrainWishes } from '../drain/begin.ts';
import { drainList } from '../drain/list.ts';
import { readDrains, readKnown } from '../drain/read.ts';
import { chooseTarget } from '../drain/target.ts';
import { listingOptions } from '../listing/options.ts';
import { configOf, withZooKeeperOf } from '../zookeeper.ts';

export const drainCommand: Command = {
  name: 'drain',
  positional: '[name]',
  describe: 'have a provider, or a launcher, take nothing new',
  options: (parser) =>
    listingOptions(parser)
      .positional('name', { type: 'string', describe: 'provider, or host name of a launcher' })
      .option('provider', { boolean: true, default: false, describe: 'the name is a provider’s' })
      .option('launcher', { boolean: true, default: false, describe: 'the name is a launcher’s' })
      .option('undo', { boolean: true, default: false, describe: 'have it take requests again' })
      .option('comment', { string: true, requiresArg: true, describe: 'why, for people' })
      .option('wait', { boolean: true, default: false, describe: 'until nothing of it is left' })
      .option('timeout', {
        number: true,
        requiresArg: true,
        describe: 'seconds to wait at most; default: for ever',
      })
      .option('list', { boolean: true, default: false, describe: 'show what is drained' })
      .option('json', { boolean: true, default: false, describe: 'print JSON' })
      .check(checkArguments),
  async run(context, args) {
    if (args.list === true) return drainList.run(context, args);
    const config = await configOf(context);
    return withZooKeeperOf(config, context, async (client) => {
      const wishes: DrainWishes = {
        kind: args.provider === true ? 'provider' : args.launcher === true ? 'launcher' : undefined,
        isJson: args.json === true,
        comment: (args.comment as string | undefined) ?? null,
        isWaiting: args.wait === true,
        timeoutMs: args.timeout === undefined ? undefined : Number(args.timeout) * 1000,
      };
      const name = String(args.name);
      if (args.undo === true) return undo(client, context, name, wishes);
      const { signal, warn } = context;
      const known = await readKnown(config.providers.keys(), { client, signal, warn });
      return beginDrain(client, context, chooseTarget(name, wishes.kind, known), wishes);
    });
  },
};

/** @throws Error where the options do not fit together. */
function checkArguments(args: Readonly<Record<string, unknown>>): true {
  const { list, provider, launcher, undo, wait, timeout } = args;
  if (list === true) return true;
  if (args.watch !== undefined) throw new Error('--watch goes with --list');
  const name = args.name as string | undefined;
  if (name === undefined) throw new Error('drain needs a name, or --list');
  if (!isName(name)) throw new Error(`${name} cannot be a name in ZooKeeper`);
  if (provider === true && launcher === true) throw new Error('--provider or --launcher, not both');
  if (undo === true && wait === true) throw new Error('--undo has nothing to wait for');
  if (timeout === undefined) return true;
  if (wait !== true) throw new Error('--timeout goes with --wait');
  if (!(Number(timeout) > 0)) throw new Error('--timeout needs a number of seconds above 0');
  return true;
}

/** One that is not drained is fine. */
async function undo(
  client: ZooKeeper,
  context: Context,
  name: string,
  { kind, isJson }: DrainWishes,
): Promise<number> {
  const { signal, warn, print } = context;
  const drains = await readDrains({ client, signal, warn });
  const namesOf = (one: DrainKind): Set<string> =>
    new Set(drains.flatMap((each) => (each.kind === one ? [each.name] : [])));
  const drained = { provider: namesOf('provider'), launcher: namesOf('launcher') };
  if (kind === undefined && !drained.provider.has(name) && !drained.launcher.has(name)) {
    warn(`nodepool: ${name} is not drained; nodepool drain --list shows what is`);
    return 0;
  }
  const target = chooseTarget(name, kind, drained);
  const outcome = await endDrain(client, target, { signal });
  if (isJson) print(JSON.stringify({ ...target, is_drained: false }, null, 2));
  else if (outcome === 'done') print(`${target.kind} ${target.name} takes requests again`);
  else warn(`nodepool: ${target.kind} ${target.name} is not drained`);
  return 0;
}
