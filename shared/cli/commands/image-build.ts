/**
 * `nodepool image-build IMAGE` and `nodepool dib-image-build IMAGE`: asks the builders for a build. With
 * `--wait` shows that build's log and ends with it: 0 when it is ready, 1 when it has failed.
 *
 * Exit code 1 for an image that the configuration does not have, or pauses. A pause made with
 * `image-pause` is no reason to refuse, as in the original (nodepool/cmd/nodepoolcmd.py), but nothing
 * is built while it lasts, so it is said.
 */
import type { Config } from '../../../schemas/config/model.ts';
import { buildRefusal, orderBuild } from '../../store/orders/builds.ts';
import { waitForBuild } from '../build-log/wait-for-build.ts';
import type { Command, Context } from '../command.ts';
import { configOf, withZooKeeperOf } from '../zookeeper.ts';

const build: Omit<Command, 'name'> = {
  positional: '<image>',
  describe: 'build image using diskimage-builder',
  options: (parser) =>
    parser
      .positional('image', { type: 'string', describe: 'image name' })
      // Without a default: what is implied must not seem to be given.
      .option('wait', {
        boolean: true,
        describe: 'show the build and wait for its end',
      })
      .option('timeout', {
        string: true,
        requiresArg: true,
        implies: 'wait',
        coerce: toSeconds,
        describe: 'with --wait: give up after so many seconds',
      }),
  async run(context, args) {
    const image = String(args.image);
    const config = await configOf(context);
    const refusal = refusalOf(image, config, context);
    if (refusal !== undefined) {
      context.warn(`nodepool: ${refusal}`);
      return 1;
    }
    const timeoutSeconds = args.timeout as number | undefined;
    return withZooKeeperOf(config, context, async (client) => {
      if (args.wait === true)
        return waitForBuild({ client, config, context, image, timeoutSeconds });
      const { signal } = context;
      const outcome = await orderBuild(client, image, config.diskimages, { signal });
      if (outcome.kind === 'done' && outcome.isPaused)
        context.warn(
          `nodepool: ${image} is paused: it is built after nodepool image-unpause ${image}`,
        );
      return 0;
    });
  },
};

export const imageBuild: Command = { name: 'image-build', ...build };
export const dibImageBuild: Command = { name: 'dib-image-build', ...build };

/** A wrong one is an error of the command line. */
function toSeconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && seconds > 0) return seconds;
  throw new Error(`--timeout ${text}: not a number of seconds`);
}

/** Why nobody would build it, and what to do; undefined: the builders will. */
function refusalOf(
  image: string,
  { diskimages }: Config,
  { configPath }: Context,
): string | undefined {
  const refusal = buildRefusal(image, diskimages);
  if (refusal === undefined) return undefined;
  if (refusal === 'not-found') {
    const names = [...diskimages.keys()].sort().join(', ');
    return (
      `Trying to build a non disk-image-builder image: ${image}\n` +
      `diskimages of ${configPath} has ${names === '' ? 'no image that can be built' : names}`
    );
  }
  return (
    `Skipping build request for image ${image}; paused\n` +
    `to build it, take away its pause under diskimages of ${configPath}`
  );
}
