/**
 * `nodepool plan FILE [--secure FILE] [--offline] [--check] [--json]`: what would change if FILE were the
 * running configuration (`-c`).
 *
 * Exit code 0 whatever changes; 1 where FILE is not valid or ZooKeeper cannot be asked; with `--check` 3
 * where something would be lost or left to nobody.
 */
import type { Config } from '../../../schemas/config/model.ts';
import { hasCode, messageOf, ZooKeeperError } from '../../base/errors.ts';
import { loadConfig } from '../../config/load.ts';
import { driverNames } from '../../drivers/registry.ts';
import type { Command, Context } from '../command.ts';
import type { Snapshot } from '../plan/model.ts';
import { planFor } from '../plan/plan.ts';
import { readSnapshot } from '../plan/snapshot.ts';
import { planText } from '../plan/text.ts';
import { sayProblem } from '../say-problem.ts';
import { configOf, withZooKeeperOf } from '../zookeeper.ts';

/** A thread takes 0.2 s to start; a file of this length longer to be parsed. In characters. */
const ASIDE_ABOVE = 400_000;

export const plan: Command = {
  name: 'plan',
  positional: '<file>',
  describe: 'show what a new configuration would change',
  options: (parser) =>
    parser
      .positional('file', { type: 'string', describe: 'the new configuration' })
      .option('secure', {
        string: true,
        requiresArg: true,
        describe: 'secure file of the new configuration. Default: that of -s',
      })
      .option('offline', {
        boolean: true,
        default: false,
        describe: 'compare the files alone; ZooKeeper is not asked',
      })
      .option('check', {
        boolean: true,
        default: false,
        describe: 'exit with 3 if something would be lost',
      })
      .option('json', { boolean: true, default: false, describe: 'print JSON' }),
  async run(context, args) {
    const file = String(args.file);
    const secure = args.secure as string | undefined;
    const [before, after] = await Promise.all([
      configOf(context),
      readNew(file, secure ?? context.securePath, context),
    ]);
    const snapshot = args.offline === true ? undefined : await lookAt(before, context);
    const found = planFor(before, after, snapshot);
    const hasColour = context.terminal?.hasColour;
    context.print(
      args.json === true ? JSON.stringify(found, null, 2) : planText(found, file, hasColour),
    );
    return args.check === true && found.losses > 0 ? 3 : 0;
  },
};

/** Beside the running one, so that two large files take as long as one. */
async function readNew(
  path: string,
  securePath: string | undefined,
  { environment, signal, warn }: Context,
): Promise<Config> {
  const { config, warnings } = await loadConfig({
    ...{ path, securePath, environment, signal },
    ...{ builtDrivers: driverNames, asideAbove: ASIDE_ABOVE },
  });
  for (const problem of warnings) warn(sayProblem(problem));
  return config;
}

async function lookAt(config: Config, context: Context): Promise<Snapshot> {
  const { signal, warn, clock } = context;
  try {
    return await withZooKeeperOf(config, context, (client) =>
      readSnapshot({ client, signal, warn }, clock),
    );
  } catch (error) {
    if (!hasCode(error, 'ZK_CONNECTION_LOSS')) throw error;
    throw new ZooKeeperError('ZK_CONNECTION_LOSS', messageOf(error), {
      hint: 'with --offline the files alone are compared',
    });
  }
}
