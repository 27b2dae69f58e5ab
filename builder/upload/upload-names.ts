/**
 * What an upload is called in the cloud, and the tags that tell whose it is. Pure.
 *
 * Facts: nodepool/builder.py, UploadWorker.
 */

export interface NameParts {
  readonly imageName: string;
  readonly buildId: string;
  /** The upload's number in ZooKeeper, which is that of its build only. */
  readonly uploadId: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
}

/**
 * Of `image-name-format`; fields that it does not know stay as they stand. Python Nodepool does not know
 * `build_id`.
 */
export function uploadName(format: string, parts: NameParts): string {
  const values = new Map<string, string>([
    ['image_name', parts.imageName],
    ['build_id', parts.buildId],
    ['upload_id', parts.uploadId],
    ['timestamp', String(parts.timestamp)],
  ]);
  return format.replaceAll(/\{(\w+)\}/g, (field, name: string) => values.get(name) ?? field);
}

/** The image's own properties, with ours over them. */
export function uploadMetadata(
  own: Readonly<Record<string, unknown>>,
  ids: { readonly provider: string; readonly build: string; readonly upload: string },
): Record<string, string> {
  const texts = Object.entries(own).map(([key, value]) => [key, textOf(value)] as const);
  return {
    ...Object.fromEntries(texts),
    nodepool_build_id: ids.build,
    nodepool_upload_id: ids.upload,
    nodepool_provider_name: ids.provider,
  };
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return value === undefined || value === null ? '' : JSON.stringify(value);
}
