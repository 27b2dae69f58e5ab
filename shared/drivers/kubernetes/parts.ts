/** The parts of a provider, put together. */
import type { PartsOptions } from '../pods/driver.ts';
import { tagsOf } from '../pods/ids.ts';
import type { Parts } from '../pods/provider.ts';
import { openSpaceParts } from '../pods/space-parts.ts';
import type { SpaceCalls } from '../pods/spaces.ts';
import { Launches } from './launch.ts';

export function openParts(options: PartsOptions): Parts {
  return openSpaceParts(options, namespaceCalls(options), (launch) => new Launches(launch));
}

function namespaceCalls({ cluster, config }: PartsOptions): SpaceCalls {
  const { namespaces } = cluster;
  const ours = { labels: { nodepool_provider_name: config.name } };
  return {
    what: 'namespace',
    create: ({ name, labels }, signal) =>
      namespaces.create(
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } },
        signal,
      ),
    all: namespaces,
    ours,
    watched: namespaces.watch(ours),
    isWatched: (space) => tagsOf(space).nodepool_provider_name === config.name,
    mayBeUnmarked: false,
  };
}
