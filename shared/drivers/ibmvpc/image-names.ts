/**
 * What an upload's things are called, and whose they are by that. An object is in a folder of the
 * provider's, so that two of them may share a bucket, and Python Nodepool beside us, which takes each
 * object that it can read the name of for a leak, reads none of ours. Pure.
 */
import { CloudError } from '../../base/errors.ts';
import { imageGroupName, isImageName, tagsOf } from './ids.ts';

type Tags = Readonly<Record<string, string>>;

/** All that tells one upload from all others. */
const WHOSE = ['nodepool_provider_name', 'nodepool_build_id', 'nodepool_upload_id'] as const;

/** Whether the tags are of the same upload of the same provider. */
export function isOfSameUpload(a: Tags, b: Tags): boolean {
  return WHOSE.every((tag) => a[tag] !== undefined && a[tag] === b[tag]);
}

/** Where all objects of a provider's uploads are. */
export function keyPrefix(provider: string): string {
  return `${imageGroupName(provider)}/`;
}

/** Of the file that becomes the image of that name. */
export function objectKey(provider: string, name: string, format: string): string {
  return `${keyPrefix(provider)}${name}.${format}`;
}

/** Nodepool's tags of an object. */
export function tagsOfKey(key: string): Tags {
  const [, group = '', name = ''] = /^([^/]+)\/([^/.]+)\.[^/]+$/.exec(key) ?? [];
  return tagsOf(name, group);
}

/** Whether the object is a file of the image of that name: ours, or as Python names it. */
export function isOfImage(key: string, provider: string, name: string): boolean {
  return key.startsWith(`${keyPrefix(provider)}${name}.`) || key.startsWith(`${name}.`);
}

/** An object as an image's id: `cos://BUCKET/KEY`. */
export function objectId(bucket: string, key: string): string {
  return `cos://${bucket}/${key}`;
}

/** The key that `objectId` was made of; undefined: it is no object of the bucket. */
export function keyOfId(id: string, bucket: string): string | undefined {
  const start = objectId(bucket, '');
  return id.startsWith(start) ? id.slice(start.length) : undefined;
}

/** @throws CloudError NP_CLOUD_FATAL: IBM does not take it, or it does not tell whose the image is. */
export function assertImageName(name: string, metadata: Tags): void {
  const { nodepool_provider_name: provider = '' } = metadata;
  const isTelling = isOfSameUpload(tagsOf(name, imageGroupName(provider)), metadata);
  if (isTelling && isImageName(name)) return;
  throw new CloudError('NP_CLOUD_FATAL', `image ${name}: IBM takes no such name`, {
    hint: 'it must be npimage-BUILD-UPLOAD, of at most 63 small letters, digits and dashes',
  });
}
