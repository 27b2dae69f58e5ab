/**
 * The lists of disk images, builds and uploads that the web and the command line show: columns, their
 * JSON keys and order are the original's (nodepool/status.py), because scripts read them.
 */
import type { Columns, Listing, Row } from './listings.ts';
import type { BuildView, ImageView, UploadView } from './source.ts';

const UPLOAD_COLUMNS: Columns = [
  ['id', 'Build ID'],
  ['upload_id', 'Upload ID'],
  ['provider', 'Provider'],
  ['image', 'Image'],
  ['external_name', 'Provider Image Name'],
  ['external_id', 'Provider Image ID'],
  ['state', 'State'],
  ['age', 'Age'],
];

const BUILD_COLUMNS: Columns = [
  ['id', 'ID'],
  ['image', 'Image'],
  ['builder', 'Builder'],
  ['formats', 'Formats'],
  ['state', 'State'],
  ['age', 'Age'],
];

const IMAGE_COLUMNS: Columns = [
  ['image', 'Image'],
  ['paused', 'Paused'],
  ['build_request', 'Build Request'],
  ['build_request_age', 'Build Request Age'],
];

/** `image-list`. */
export function uploadListing(uploads: Iterable<UploadView>, nowSeconds: number): Listing {
  const rows: Row[] = [];
  for (const { record, ...key } of uploads)
    rows.push({
      id: key.build,
      upload_id: key.upload,
      provider: key.provider,
      image: key.image,
      external_name: record.external_name,
      external_id: record.external_id,
      state: record.state,
      age: Math.trunc(record.state_time),
    });
  return { columns: UPLOAD_COLUMNS, rows, nowSeconds };
}

/** `dib-image-list`. */
export function buildListing(builds: Iterable<BuildView>, nowSeconds: number): Listing {
  const rows: Row[] = [];
  for (const { image, build, record, isPaused } of builds)
    rows.push({
      id: `${image}-${build}`,
      image,
      builder: record.builder ?? null,
      formats: record.formats ? record.formats.split(',').sort() : [],
      state: isPaused ? 'paused' : record.state,
      age: Math.trunc(record.state_time),
    });
  return { columns: BUILD_COLUMNS, rows, nowSeconds };
}

/** `image-status`. */
export function imageListing(images: Iterable<ImageView>, nowSeconds: number): Listing {
  const rows: Row[] = [];
  for (const { name, isPaused, request } of images)
    rows.push({
      image: name,
      paused: isPaused,
      build_request: request === undefined ? null : request.isBuilding ? 'building' : 'pending',
      build_request_age: request === undefined ? null : Math.trunc(request.createdAt),
    });
  return { columns: IMAGE_COLUMNS, rows, nowSeconds };
}
