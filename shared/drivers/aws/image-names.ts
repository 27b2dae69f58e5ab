/**
 * What an upload's things are called in AWS, and the tags that tell whose they are. Pure.
 *
 * An object's key tells it, too: an S3 upload that was broken off is listed without tags, and its parts
 * cost until somebody ends it.
 */
type Tags = Readonly<Record<string, string>>;

/** All that tells one upload from all others. */
const WHOSE = ['nodepool_provider_name', 'nodepool_build_id', 'nodepool_upload_id'] as const;

const FOLDER = 'nodepool';
/** `FOLDER/PROVIDER/BUILD/UPLOAD/NAME`, parts encoded. */
const KEY = new RegExp(`^${FOLDER}/([^/]+)/([^/]+)/([^/]+)/[^/]+$`);
/** Facts: docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html. */
const MOST_OBJECT_TAGS = 10;
const OBJECT_TAG = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** Whether the tags are of the same upload of the same provider. */
export function isOfSameUpload(a: Tags, b: Tags): boolean {
  return WHOSE.every((tag) => a[tag] !== undefined && a[tag] === b[tag]);
}

/** Whether the tags are of an upload of anybody. */
export function isOfUpload(tags: Tags): boolean {
  return WHOSE.every((tag) => tags[tag] !== undefined);
}

/** Where all objects of a provider's uploads are. */
export function keyPrefix(provider: string): string {
  return `${FOLDER}/${encodePart(provider)}/`;
}

/** `name`: with the format at its end, as the original names the whole key. */
export function objectKey(tags: Tags, name: string): string {
  return [FOLDER, ...WHOSE.map((tag) => tags[tag] ?? ''), name].map(encodePart).join('/');
}

/** What a key tells; undefined: it is none of ours. */
export function tagsOfKey(key: string): Tags | undefined {
  const parts = KEY.exec(key)?.slice(1);
  if (parts === undefined) return undefined;
  return Object.fromEntries(WHOSE.map((tag, at) => [tag, decodePart(parts[at] ?? '')]));
}

/** An object as one text: `s3://BUCKET/KEY`. */
export function objectId(bucket: string, key: string): string {
  return `s3://${bucket}/${key}`;
}

/** What `objectId` has put together. */
export function placeOf(id: string): { readonly bucket: string; readonly key: string } {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]*)\/(.*)$/s.exec(id) ?? [];
  return { bucket, key };
}

/** S3 takes fewer tags and fewer characters than EC2: those that say whose it is come first. */
export function objectTags(tags: Tags): Tags {
  const isWhose = (tag: string): boolean => (WHOSE as readonly string[]).includes(tag);
  const fitting = Object.entries(tags)
    .filter((entry) => entry.every((text) => OBJECT_TAG.test(text)))
    .toSorted(([a], [b]) => Number(isWhose(b)) - Number(isWhose(a)));
  return Object.fromEntries(fitting.slice(0, MOST_OBJECT_TAGS));
}

/** All but these may stand in a key, and a key that is quoted is one that some tool gets wrong. */
function encodePart(part: string): string {
  return part.replaceAll(/[%/]/g, encodeURIComponent);
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // Somebody else's.
    return part;
  }
}
