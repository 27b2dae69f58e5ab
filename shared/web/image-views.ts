/**
 * Images, builds and uploads of the launcher's cache as the web shows them, sorted by image, build,
 * provider and number, as the original's web server does.
 *
 * Locks are not cached; so a request counts as taken up where the image has a build in the making, while
 * the original looks at the image's build lock.
 */
import type { ImageStore } from '../store/images.ts';
import { buildPath, buildRequestPath, parseBuildPath, parseUploadPath } from '../store/paths.ts';
import type { BuildRequestView, ImageSource, ImageView } from './source.ts';

export function imageSource(store: ImageStore): ImageSource {
  return {
    images: () => imagesOf(store),
    builds: () =>
      sorted(store.builds.values()).flatMap(({ path, record }) => {
        const key = parseBuildPath(path);
        return key === undefined ? [] : [{ ...key, record, isPaused: store.isPaused(key.image) }];
      }),
    uploads: () =>
      sorted(store.uploads.values()).flatMap(({ path, record }) => {
        const key = parseUploadPath(path);
        return key === undefined ? [] : [{ ...key, record }];
      }),
  };
}

function imagesOf(store: ImageStore): ImageView[] {
  const inTheMaking = new Set<string>();
  for (const { path, record } of store.builds.values())
    if (record.state === 'building') inTheMaking.add(parseBuildPath(path)?.image ?? '');
  return [...store.names()].sort().map((name) => viewOf(store, name, inTheMaking.has(name)));
}

/** One image; undefined: ZooKeeper knows none of that name. */
export function imageViewOf(store: ImageStore, name: string): ImageView | undefined {
  if (!store.has(name)) return undefined;
  const isBuilding = store
    .buildIds(name)
    .some(
      (build) => store.builds.get(buildPath({ image: name, build }))?.record.state === 'building',
    );
  return viewOf(store, name, isBuilding);
}

function viewOf(store: ImageStore, name: string, isBuilding: boolean): ImageView {
  const request = requestOf(store, name, isBuilding);
  return { name, isPaused: store.isPaused(name), request };
}

function requestOf(
  store: ImageStore,
  image: string,
  isBuilding: boolean,
): BuildRequestView | undefined {
  const entry = store.tree.get(buildRequestPath(image));
  return entry && { createdAt: entry.stat.ctime / 1000, isBuilding };
}

/** Level by level: `a/...` comes before `a-b/...`. */
function sorted<T extends { readonly path: string }>(items: Iterable<T>): T[] {
  const keyed = [...items].map((item) => ({ item, key: item.path.replaceAll('/', '\0') }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return keyed.map(({ item }) => item);
}
