/** The caches as decisions look at them. */
import type { ImageStore, StoredUpload } from '../../shared/store/images.ts';
import { buildPath, uploadPath, type BuildKey } from '../../shared/store/paths.ts';
import type { BuildView, UploadView } from '../../shared/rules/images/view.ts';

/** Builds of an image, as far as their records can be read. */
export function viewsOf(images: ImageStore, image: string): BuildView[] {
  return images.buildIds(image).flatMap((build) => {
    const key = { image, build };
    const stored = images.builds.get(buildPath(key));
    if (stored === undefined) return [];
    return [{ id: build, record: stored.record, uploads: uploadsOf(images, key) }];
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

function uploadsOf(images: ImageStore, key: BuildKey): UploadView[] {
  return images.uploadKeysOf(key).flatMap((one) => {
    const stored = images.uploads.get(uploadPath(one));
    return stored ? [{ id: one.upload, provider: one.provider, record: stored.record }] : [];
  });
}
