/**
 * `nodepool alien-image-list [PROVIDER]`: images in clouds that Nodepool has made and does not know any
 * more. Asks the clouds of the configuration; providers that keep no images are passed over.
 *
 * A cloud that does not answer is named on stderr and has no rows; the exit code stays 0, as in the
 * original.
 */
import type { Config, ProviderConfig } from '../../../schemas/config/model.ts';
import { CloudError } from '../../base/errors.ts';
import { withDeadline } from '../../base/wait.ts';
import type { StoredImage } from '../../drivers/driver.ts';
import { IMAGES } from '../../store/paths.ts';
import type { Columns } from '../../web/listings.ts';
import type { Context } from '../command.ts';
import { withCauses } from '../command-line/failure.ts';
import { readUploads } from '../image-records.ts';
import { listingCommand } from '../listing/show.ts';
import { viewOf } from '../listing/view.ts';
import { alienImages } from '../provider/alien-images.ts';
import { withProvider } from '../provider/open-provider.ts';

const COLUMNS: Columns = [
  ['provider', 'Provider'],
  ['name', 'Name'],
  ['image_id', 'Image ID'],
];
interface Asking {
  readonly config: Config;
  readonly context: Context;
}

/** For all pages of a cloud's list. */
const LIST_DEADLINE_MS = 120_000;

export const alienImageList = listingCommand({
  name: 'alien-image-list',
  positional: '[provider]',
  describe: 'list images not accounted for by nodepool',
  options: (parser) => parser.positional('provider', { type: 'string', describe: 'provider name' }),
  roots: () => [IMAGES],
  isAskedAnew: true,
  // Clouds are not to be asked each second.
  usualSeconds: 30,
  async look(options, args, told) {
    const providers = chosen(args.provider as string | undefined, told);
    // Images first: what is uploaded meanwhile is known by the time uploads are read.
    const listed = await Promise.all(
      providers.map(async (provider) => ({ provider, images: await imagesOf(provider, told) })),
    );
    const uploads = await readUploads(options);
    const rows = listed.flatMap(({ provider, images }) =>
      alienImages(images, uploads).map(({ name, externalId }) => ({
        ...{ provider: provider.name, name, image_id: externalId },
      })),
    );
    return () => viewOf({ columns: COLUMNS, rows });
  },
});

function chosen(name: string | undefined, { config, context }: Asking): readonly ProviderConfig[] {
  const all = [...config.providers.values()];
  if (name === undefined) return all.filter(({ managesImages }) => managesImages);
  const found = config.providers.get(name);
  if (found === undefined) {
    const names = all.map((provider) => provider.name).join(', ');
    context.warn(
      `nodepool: there is no provider ${name}; ${context.configPath} has ${names === '' ? 'none' : names}`,
    );
    return [];
  }
  if (!found.managesImages) context.warn(`nodepool: provider ${name} keeps no images`);
  return found.managesImages ? [found] : [];
}

async function imagesOf(
  provider: ProviderConfig,
  { config, context }: Asking,
): Promise<readonly StoredImage[]> {
  const { clock, signal } = context;
  const error = (): Error =>
    new CloudError('NP_CLOUD_TRANSIENT', `no answer within ${LIST_DEADLINE_MS / 1000} s`);
  try {
    return await withProvider(provider, config, context, async ({ images }) => {
      if (images === undefined) return [];
      return withDeadline({ clock, ms: LIST_DEADLINE_MS, signal, error }, (inner) =>
        images.list(inner),
      );
    });
  } catch (cause) {
    if (signal.aborted) throw cause;
    // The first half is the original's.
    const problem = withCauses(cause);
    context.warn(`nodepool: Exception listing alien images for ${provider.name}: ${problem}`);
    return [];
  }
}
