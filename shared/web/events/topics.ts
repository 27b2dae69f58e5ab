/**
 * What the event stream tells of: one topic for each kind of record, read from the caches of the store.
 * Costs nothing until somebody watches.
 */
import type { ComponentStore } from '../../store/components.ts';
import type { ImageStore } from '../../store/images.ts';
import type { NodeStore } from '../../store/nodes.ts';
import {
  buildPath,
  IMAGES,
  parseBuildPath,
  parsePausePath,
  parseUploadPath,
} from '../../store/paths.ts';
import type { RequestStore } from '../../store/requests.ts';
import type { Store } from '../../store/store.ts';
import { imageViewOf } from '../image-views.ts';
import {
  buildEventRow,
  componentEventRow,
  imageEventRow,
  nodeEventRow,
  requestEventRow,
  uploadEventRow,
} from './rows.ts';
import type { Topic } from './topic.ts';

export function storeTopics(store: Store): Topic[] {
  const { nodes, requests, images, components } = store;
  return [
    nodeTopic(nodes),
    requestTopic(requests),
    imageTopic(images),
    buildTopic(images),
    uploadTopic(images),
    componentTopic(components),
  ];
}

function nodeTopic(nodes: NodeStore): Topic {
  return {
    ...recordTopic('nodes', nodes.cache),
    row: (id) => {
      const stored = nodes.get(id);
      return stored && nodeEventRow({ id, record: stored.record, isLocked: nodes.isLocked(id) });
    },
    watch: (listener) => {
      const ends = [
        nodes.cache.onChange(({ id }) => {
          listener(id);
        }),
        nodes.locks.onChange(listener),
      ];
      return () => {
        for (const end of ends) end();
      };
    },
  };
}

function requestTopic(requests: RequestStore): Topic {
  return {
    ...recordTopic('requests', requests.cache),
    row: (id) => {
      const stored = requests.get(id);
      return stored && requestEventRow(stored);
    },
  };
}

function componentTopic({ cache }: ComponentStore): Topic {
  return {
    ...recordTopic('components', cache),
    row: (id) => {
      const stored = cache.get(id);
      return stored && componentEventRow(id, stored.record);
    },
  };
}

function imageTopic(images: ImageStore): Topic {
  return {
    name: 'images',
    keys: () => images.names(),
    row: (name) => {
      const view = imageViewOf(images, name);
      return view && imageEventRow(view);
    },
    idOf: (name) => name,
    watch: (listener) =>
      images.tree.onChange(({ path }) => {
        const name = path.slice(IMAGES.length + 1).split('/', 1)[0];
        if (name) listener(name);
      }),
  };
}

function buildTopic(images: ImageStore): Topic {
  return {
    ...recordTopic('builds', images.builds),
    row: (path) => {
      const [key, stored] = [parseBuildPath(path), images.builds.get(path)];
      if (key === undefined || stored === undefined) return undefined;
      const isPaused = images.isPaused(key.image);
      return buildEventRow({ ...key, record: stored.record, isPaused });
    },
    idOf: (path) => {
      const { image = '', build = '' } = parseBuildPath(path) ?? {};
      return `${image}-${build}`;
    },
    watch: (listener) => {
      const ends = [
        images.builds.onChange(({ path }) => {
          listener(path);
        }),
        images.tree.onChange(({ path }) => {
          const image = parsePausePath(path);
          if (image === undefined) return;
          for (const build of images.buildIds(image)) listener(buildPath({ image, build }));
        }),
      ];
      return () => {
        for (const end of ends) end();
      };
    },
  };
}

function uploadTopic(images: ImageStore): Topic {
  return {
    ...recordTopic('uploads', images.uploads),
    row: (path) => {
      const [key, stored] = [parseUploadPath(path), images.uploads.get(path)];
      return key && stored && uploadEventRow({ ...key, record: stored.record });
    },
    idOf: (path) => {
      const { image = '', build = '', provider = '', upload = '' } = parseUploadPath(path) ?? {};
      return `${image}/${build}/${provider}/${upload}`;
    },
  };
}

/** What most caches of records have in common: keys are ids. */
function recordTopic(
  name: string,
  cache: {
    values(): Iterable<{ readonly path: string; readonly id: string }>;
    onChange(listener: (change: { readonly id: string }) => void): () => void;
  },
): Omit<Topic, 'row'> {
  return {
    name,
    *keys() {
      for (const { id } of cache.values()) yield id;
    },
    idOf: (id) => id,
    watch: (listener) =>
      cache.onChange(({ id }) => {
        listener(id);
      }),
  };
}
