/**
 * `nodepool doctor [--no-clouds] [--provider NAME] [--json]`: looks at everything that Nodepool needs, and
 * says what is wrong and what to do.
 *
 * Exit code 1 if a problem was found; warnings alone leave it at 0. It changes nothing; what it writes is
 * one ephemeral znode, which ends with it.
 */
import { checksFor } from '../doctor/checks.ts';
import { Ground } from '../doctor/ground.ts';
import { Skipped } from '../doctor/model.ts';
import { quietLog } from '../doctor/quiet-log.ts';
import { diagnose } from '../doctor/run.ts';
import { diagnosisText } from '../doctor/text.ts';
import type { Command } from '../command.ts';

export const doctor: Command = {
  name: 'doctor',
  describe: 'look for what is wrong, and say what to do',
  options: (parser) =>
    parser
      .option('no-clouds', {
        boolean: true,
        default: false,
        describe: 'do not connect to the providers',
      })
      .option('provider', {
        string: true,
        requiresArg: true,
        describe: 'of the providers look at this one only',
      })
      .option('json', { boolean: true, default: false, describe: 'print JSON' }),
  async run(context, args) {
    const provider = args.provider as string | undefined;
    const quiet = { ...context, log: quietLog(context.log) };
    const ground = new Ground(quiet, { hasClouds: args['no-clouds'] !== true, provider });
    try {
      if (provider !== undefined && !(await hasProvider(ground, provider))) {
        context.warn(`nodepool: there is no provider ${provider} in ${context.configPath}`);
        return 1;
      }
      const diagnosis = await diagnose(await checksFor(ground), ground);
      const hasColour = context.terminal?.hasColour;
      context.print(
        args.json === true
          ? JSON.stringify(diagnosis, null, 2)
          : diagnosisText(diagnosis, hasColour),
      );
      return diagnosis.problems > 0 ? 1 : 0;
    } finally {
      await ground.close();
    }
  },
};

async function hasProvider(ground: Ground, name: string): Promise<boolean> {
  try {
    return (await ground.config()).providers.has(name);
  } catch (error) {
    // What is wrong with it the diagnosis tells.
    if (error instanceof Skipped) return true;
    throw error;
  }
}
