/**
 * `nodepool image-build IMAGE` and `nodepool dib-image-build IMAGE`: asks the builders for a build.
 *
 * Exit code 1 for an image that the configuration does not have, or pauses. A pause made with
 * `image-pause` is no reason to refuse, as in the original (nodepool/cmd/nodepoolcmd.py), but nothing
 * is built while it lasts, so it is said.
 */
import type { Config } from '../../../schemas/config/model.ts';
import { isImagePaused, requestBuild } from '../../store/image-orders.ts';
import type { Command, Context } from '../command.ts';
import { configOf, withZooKeeperOf } from '../zookeeper.ts';

const build: Omit<Command, 'name'> = {
  positional: '<image>',
  describe: 'build image using diskimage-builder',
  options: (parser) => parser.positional('image', { type: 'string', describe: 'image name' }),
  async run(context, args) {
    const image = String(args.image);
    const config = await configOf(context);
    const refusal = refusalOf(image, config, context);
    if (refusal !== undefined) {
      context.warn(`nodepool: ${refusal}`);
      return 1;
    }
    await withZooKeeperOf(config, context, async (client) => {
      await requestBuild(client, image, { signal: context.signal });
      if (await isImagePaused(client, image, { signal: context.signal }))
        context.warn(
          `nodepool: ${image} is paused: it is built after nodepool image-unpause ${image}`,
        );
    });
    return 0;
  },
};

export const imageBuild: Command = { name: 'image-build', ...build };
export const dibImageBuild: Command = { name: 'dib-image-build', ...build };

/** Why nobody would build it, and what to do; undefined: the builders will. */
function refusalOf(
  image: string,
  { diskimages }: Config,
  { configPath }: Context,
): string | undefined {
  const found = diskimages.get(image);
  if (found === undefined) {
    const names = [...diskimages.keys()].sort().join(', ');
    return (
      `Trying to build a non disk-image-builder image: ${image}\n` +
      `diskimages of ${configPath} has ${names === '' ? 'no image that can be built' : names}`
    );
  }
  if (!found.isPaused) return undefined;
  return (
    `Skipping build request for image ${image}; paused\n` +
    `to build it, take away its pause under diskimages of ${configPath}`
  );
}
