/** Metrics of disk images and uploads, as a builder tells them. */
import { counter, gauge, summary } from '../metric.ts';

export const dibDuration = summary(
  'nodepool_dib_image_build_duration',
  'Time of runs of diskimage-builder that have ended or ran out of time.',
  { labels: ['image', 'ext'], statsd: 'nodepool.dib_image_build.{image}.{ext}.duration' },
);
export const dibResultCode = gauge(
  'nodepool_dib_image_build_result_code',
  'Exit code of the last run of diskimage-builder; 1 if its time was up; a signal that ended it is its negative number, of a container 128 and its number.',
  { labels: ['image', 'ext'], statsd: 'nodepool.dib_image_build.{image}.{ext}.rc', isKept: true },
);
export const dibLastBuild = gauge(
  'nodepool_dib_image_build_last_build',
  'When the last run of diskimage-builder ended, in Unix seconds.',
  {
    labels: ['image', 'ext'],
    statsd: 'nodepool.dib_image_build.{image}.{ext}.last_build',
    isKept: true,
  },
);
export const dibSize = gauge(
  'nodepool_dib_image_build_size',
  'Bytes that the file of the last good build takes on the disk, by format.',
  { labels: ['image', 'ext'], statsd: 'nodepool.dib_image_build.{image}.{ext}.size', isKept: true },
);

export const uploaded = counter('nodepool_image_update', 'Uploads that went well.', {
  labels: ['image', 'provider'],
  statsd: 'nodepool.image_update.{image}.{provider}',
});
export const uploadTimer = summary(
  'nodepool_image_update_timer',
  'Time of uploads that went well, the hook included.',
  { labels: ['image', 'provider'], statsd: 'nodepool.image_update.{image}.{provider}' },
);

export const buildRequests = gauge(
  'nodepool_image_build_requests',
  'Images whose build an operator has asked for and that nobody builds yet.',
  { statsd: 'nodepool.image_build_requests' },
);
export const buildRequested = gauge(
  'nodepool_image_build_requested',
  '1 if an operator has asked for a build of the image and nobody builds it yet.',
  { labels: ['image'], statsd: 'nodepool.image.{image}.image_build_requests' },
);
export const buildState = gauge(
  'nodepool_builder_build_state',
  'What the builder does with the image: 0 idle, 1 building, 3 paused.',
  { labels: ['builder', 'image'], statsd: 'nodepool.builder.{builder}.image.{image}.build.state' },
);

const upload = 'nodepool.builder.{builder}.image.{image}.provider.{provider}.upload';
const ofUpload = ['builder', 'image', 'provider'] as const;
export const uploadState = gauge(
  'nodepool_builder_upload_state',
  'What the builder does for the image in the provider: 0 idle, 2 uploading, 3 paused.',
  { labels: ofUpload, statsd: `${upload}.state` },
);
export const uploadBytes = gauge(
  'nodepool_builder_upload_bytes',
  'Bytes that the running upload has handed to the cloud; 0 if none runs.',
  { labels: ofUpload, statsd: `${upload}.bytes` },
);
export const uploadPercent = gauge(
  'nodepool_builder_upload_percent',
  'How far the running upload is, from 0 to 100; 0 if none runs.',
  { labels: ofUpload, statsd: `${upload}.percent` },
);
export const uploadRate = gauge(
  'nodepool_builder_upload_rate',
  'Bytes a second of the running upload, of the last 30 seconds; 0 if none runs.',
  { labels: ofUpload, statsd: `${upload}.rate` },
);

export const builds = gauge('nodepool_image_builds', 'Builds in ZooKeeper by image and state.', {
  labels: ['image', 'state'],
});
export const uploads = gauge(
  'nodepool_image_uploads',
  'Uploads in ZooKeeper by image, provider and state.',
  { labels: ['image', 'provider', 'state'] },
);
export const lastGoodBuild = gauge(
  'nodepool_image_build_last_success_timestamp_seconds',
  'When the newest build of the image that is ready became so, in Unix seconds.',
  { labels: ['image'] },
);
export const lastGoodUpload = gauge(
  'nodepool_image_upload_last_success_timestamp_seconds',
  'When the newest upload of the image that is ready became so, in Unix seconds.',
  { labels: ['image', 'provider'] },
);
