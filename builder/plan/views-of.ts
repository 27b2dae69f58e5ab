/** The caches as decisions look at them. */
import type { ImageStore, StoredUpload } from '../../shared/store/images.ts';
import { buildPath, parseUploadPath, uploadPath, type BuildKey } from '../../shared/store/paths.ts';
import type { BuildView, UploadView } from './view.ts';

/** Builds of an image, as far as their records can be read. */
export function viewsOf(images: ImageStore, image: string): BuildView[] {
  const uploads = uploadsByBuild(images, image);
  return images.buildIds(image).flatMap((build) => {
    const stored = images.builds.get(buildPath({ image, build }));
    if (stored === undefined) return [];
    return [{ id: build, record: stored.record, uploads: uploads.get(build) ?? [] }];
  });
}

/** The upload of a view, as it is to be written. Undefined: it is gone. */
export function storedUpload(
  images: ImageStore,
  key: BuildKey,
  { provider, id }: UploadView,
): StoredUpload | undefined {
  return images.uploads.get(uploadPath({ ...key, provider, upload: id }));
}

function uploadsByBuild(images: ImageStore, image: string): Map<string, UploadView[]> {
  const found = new Map<string, UploadView[]>();
  for (const { path, record } of images.uploads.values()) {
    const key = parseUploadPath(path);
    if (key?.image !== image) continue;
    const view = { id: key.upload, provider: key.provider, record };
    found.set(key.build, [...(found.get(key.build) ?? []), view]);
  }
  return found;
}
