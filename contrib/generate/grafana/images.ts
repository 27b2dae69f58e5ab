/** The row about disk images, as builders tell of them. */
import { lines, OF_JOB, OF_PROVIDER, rate, stack, type Row } from './model.ts';

const AGE = 'Older than its `rebuild-age`: see whether it is paused, or why builds fail.';

export const images: Row = {
  title: 'Images, builds, uploads',
  panels: [
    lines('Age of the newest build that is ready', 's', AGE, {
      expr: `time() - max by (image) (nodepool_image_build_last_success_timestamp_seconds{${OF_JOB}})`,
      legend: '{{image}}',
    }),
    lines('Age of the newest upload that is ready', 's', AGE, {
      expr: `time() - max by (image, provider) (nodepool_image_upload_last_success_timestamp_seconds{${OF_PROVIDER}})`,
      legend: '{{image}} {{provider}}',
    }),
    stack('Builds by state', 'short', 'In ZooKeeper.', {
      expr: `max by (image, state) (nodepool_image_builds{${OF_JOB}})`,
      legend: '{{image}} {{state}}',
    }),
    stack('Uploads by state', 'short', 'In ZooKeeper.', {
      expr: `max by (image, provider, state) (nodepool_image_uploads{${OF_PROVIDER}})`,
      legend: '{{image}} {{provider}} {{state}}',
    }),
    lines('Time of builds', 's', 'Mean of the runs of diskimage-builder that have ended.', {
      expr: `sum by (image) (nodepool_dib_image_build_duration_sum{${OF_JOB}}) / sum by (image) (nodepool_dib_image_build_duration_count{${OF_JOB}})`,
      legend: '{{image}}',
    }),
    lines('Exit code of the last build', 'short', 'Other than 0: `nodepool dib-image-log IMAGE`.', {
      expr: `max by (image) (nodepool_dib_image_build_result_code{${OF_JOB}})`,
      legend: '{{image}}',
    }),
    lines('Running uploads', 'percent', 'How far they are.', {
      expr: `sum by (image, provider) (nodepool_builder_upload_percent{${OF_PROVIDER}})`,
      legend: '{{image}} {{provider}}',
    }),
    lines('Bytes sent by running uploads', 'Bps', 'A second.', {
      expr: `sum by (image, provider) (nodepool_builder_upload_rate{${OF_PROVIDER}})`,
      legend: '{{image}} {{provider}}',
    }),
    lines('Uploads', 'reqps', 'A second that went well.', {
      expr: rate('nodepool_image_update', 'image, provider', OF_PROVIDER),
      legend: '{{image}} {{provider}}',
    }),
    lines('Size of builds', 'bytes', 'On the disk, by format.', {
      expr: `max by (image, ext) (nodepool_dib_image_build_size{${OF_JOB}})`,
      legend: '{{image}} {{ext}}',
    }),
    lines('What builders do', 'short', '0 idle, 1 building, 3 paused.', {
      expr: `max by (builder, image) (nodepool_builder_build_state{${OF_JOB}})`,
      legend: '{{builder}} {{image}}',
    }),
    lines('Builds asked for', 'short', 'By operators, and nobody builds them yet.', {
      expr: `max(nodepool_image_build_requests{${OF_JOB}})`,
      legend: 'builds',
    }),
  ],
};
