/**
 * `nodepool info PROVIDER`: what ZooKeeper has of a provider, whether the configuration has it or not:
 * the ids of its uploads by image and build, and of its nodes.
 */
import { providerListings, readProviderData } from '../provider/provider-data.ts';
import { listingCommand } from '../listing/show.ts';
import { listingCells } from '../../web/listings.ts';
import { IMAGES, NODES } from '../../store/paths.ts';
import { pythonJson } from '../../base/python-json.ts';

export const info = listingCommand({
  name: 'info',
  positional: '<provider>',
  describe: 'Show provider data from zookeeper',
  options: (parser) => parser.positional('provider', { type: 'string', describe: 'Provider name' }),
  roots: () => [IMAGES, NODES],
  async look(options, args) {
    const provider = String(args.provider);
    const data = await readProviderData(provider, options);
    const { images, nodes } = providerListings(data);
    const view = {
      blocks: [
        ...[`ZooKeeper data for provider ${provider}`, ''],
        ...['Image data:', listingCells(images)],
        ...['', 'Nodes:', listingCells(nodes)],
      ],
      json: pythonJson({
        ...{ provider, images: images.rows },
        nodes: data.nodes.map(({ id, record }) => ({ id, server_id: record.external_id })),
      }),
    };
    return () => view;
  },
});
