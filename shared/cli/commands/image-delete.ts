/**
 * `nodepool image-delete --provider P --image I --build-id B --upload-id U`: has a builder delete an
 * upload in the cloud.
 *
 * Exit code 0 also where there is no such upload or it is being made, as in the original, whose lines on
 * stdout these are.
 */
import { orderUploadDeletion } from '../../store/orders/image-deletions.ts';
import type { Command } from '../command.ts';
import { withZooKeeper } from '../zookeeper.ts';

const required = { string: true, requiresArg: true, demandOption: true } as const;

export const imageDelete: Command = {
  name: 'image-delete',
  describe: 'delete an image',
  options: (parser) =>
    parser
      .option('provider', { ...required, describe: 'provider name' })
      .option('image', { ...required, describe: 'image name' })
      .option('upload-id', { ...required, describe: 'image upload id' })
      .option('build-id', { ...required, describe: 'image build id' }),
  async run(context, args) {
    const key = {
      image: String(args.image),
      build: String(args['build-id']),
      provider: String(args.provider),
      upload: String(args['upload-id']),
    };
    const nowSeconds = context.clock.now() / 1000;
    const outcome = await withZooKeeper(context, (client) =>
      orderUploadDeletion(client, key, nowSeconds, { signal: context.signal }),
    );
    if (outcome === 'not-found') {
      context.print('Image upload not found');
      context.warn('nodepool image-list shows provider, image and both ids of all uploads');
    } else if (outcome === 'in-progress') {
      context.print('Cannot delete because image upload in progress');
      context.warn('try again when nodepool image-list shows it as ready or failed');
    }
    return 0;
  },
};
