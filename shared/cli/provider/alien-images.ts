/**
 * Images in a cloud that carry Nodepool's tags, and that no upload accounts for: left by a builder that
 * was killed, or by one that is no more. Pure.
 *
 * An image is accounted for while it is uploaded (the id is not recorded yet, its tags tell), and until
 * a builder has deleted it. The original would show these two, if its command worked.
 */
import type { StoredImage } from '../../drivers/driver.ts';
import type { UploadView } from '../../web/source.ts';

/** `uploads`: of all providers: several may use the same place. */
export function alienImages(
  images: readonly StoredImage[],
  uploads: readonly UploadView[],
): StoredImage[] {
  const known = new Set(uploads.flatMap(({ record }) => record.external_id ?? []));
  const arriving = new Set(
    uploads
      .filter(({ record }) => record.state === 'uploading')
      .map(({ build, upload }) => tagKey(build, upload)),
  );
  return images.filter(({ externalId, metadata }) => {
    const { nodepool_build_id: build, nodepool_upload_id: upload } = metadata;
    if (build === undefined || known.has(externalId)) return false;
    return upload === undefined || !arriving.has(tagKey(build, upload));
  });
}

function tagKey(build: string, upload: string): string {
  return `${build}/${upload}`;
}
