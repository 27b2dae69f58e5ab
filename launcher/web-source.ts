/**
 * What the web server may see of a launcher: its caches, read without a round trip.
 */
import type { StoredNode } from '../shared/store/nodes.ts';
import { systemClock } from '../shared/base/clock.ts';
import { storeActions } from '../shared/web/admin/store-actions.ts';
import { storeBuilders } from '../shared/web/builders/source.ts';
import { storeTopics } from '../shared/web/events/topics.ts';
import { imageSource } from '../shared/web/image-views.ts';
import type { NodeView, WebSource } from '../shared/web/source.ts';
import type { Launcher } from './launcher.ts';

export function webSource(launcher: Launcher): WebSource {
  const { nodes, requests } = launcher.store;
  const view = ({ id, record }: StoredNode): NodeView => ({
    id,
    record,
    isLocked: nodes.isLocked(id),
  });
  return {
    launcher: launcher.hostname,
    version: launcher.version,
    topics: storeTopics(launcher.store),
    *nodes() {
      for (const node of nodes.cache.values()) yield view(node);
    },
    node(id) {
      const node = nodes.get(id);
      return node && view(node);
    },
    requests: () => requests.cache.values(),
    images: imageSource(launcher.store.images),
    actions: storeActions({
      ...{ client: launcher.store.client, clock: systemClock },
      diskimages: () => launcher.config.diskimages,
    }),
    builders: storeBuilders(launcher.store, {
      ...{ config: () => launcher.config, hostname: launcher.hostname },
    }),
    explain: (request) => launcher.explain(request),
    explainWaiting: () => launcher.explainWaiting(),
    status: () => launcher.status(),
    labels: () => launcher.labels(),
    isReady: () => launcher.isReady,
  };
}
