/**
 * All gauges of a builder for Prometheus, read from the cache and from what runs when somebody asks.
 * Pure. What the records say of images is the same at each builder.
 */
import type { ImageStore } from '../../shared/store/images.ts';
import { parseBuildPath, parseUploadPath } from '../../shared/store/paths.ts';
import { sampleOf, type Sample } from '../../shared/telemetry/metric.ts';
import * as names from '../../shared/telemetry/names/images.ts';
import type { RunningUpload } from '../upload/upload-image.ts';
import { activities, type ActivityInput } from './activity.ts';
import { imageGauges, type ImageActivity } from './image-gauges.ts';

export function builderGauges(builder: string, input: ActivityInput): Sample<'gauge'>[] {
  const all = activities(input);
  return [
    ...imageGauges(builder, all),
    ...uploadGauges(builder, all, input.uploads),
    ...buildRecords(input.images),
    ...uploadRecords(input.images),
  ];
}

function uploadGauges(
  builder: string,
  images: readonly ImageActivity[],
  running: readonly RunningUpload[],
): Sample<'gauge'>[] {
  return images.flatMap(({ image, providers }) =>
    providers.flatMap(({ provider }) => {
      const labels = { builder, image, provider };
      const upload = running.find((one) => one.image === image && one.provider === provider);
      const { sentBytes = 0, percent = 0, bytesPerSecond = 0 } = upload?.progress ?? {};
      return [
        sampleOf(names.uploadBytes, labels, sentBytes),
        sampleOf(names.uploadPercent, labels, percent),
        sampleOf(names.uploadRate, labels, bytesPerSecond),
      ];
    }),
  );
}

function buildRecords({ builds }: ImageStore): Sample<'gauge'>[] {
  const counts = new Counts();
  const newest = new Newest();
  for (const { path, record } of builds.values()) {
    const image = parseBuildPath(path)?.image ?? '';
    counts.add(image, record.state);
    if (record.state === 'ready') newest.see(record.state_time, image);
  }
  return [
    ...counts.samples(([image, state], n) => sampleOf(names.builds, { image, state }, n)),
    ...newest.samples(([image], time) => sampleOf(names.lastGoodBuild, { image }, time)),
  ];
}

function uploadRecords({ uploads }: ImageStore): Sample<'gauge'>[] {
  const counts = new Counts();
  const newest = new Newest();
  for (const { path, record } of uploads.values()) {
    const { image, provider } = parseUploadPath(path) ?? { image: '', provider: '' };
    counts.add(image, provider, record.state);
    if (record.state === 'ready') newest.see(record.state_time, image, provider);
  }
  return [
    ...counts.samples(([image, provider, state], n) =>
      sampleOf(names.uploads, { image, provider, state }, n),
    ),
    ...newest.samples(([image, provider], time) =>
      sampleOf(names.lastGoodUpload, { image, provider }, time),
    ),
  ];
}

type Words = readonly [string, string, string];

/** Numbers by up to three words. */
class Counts {
  readonly values = new Map<string, number>();

  add(...words: readonly string[]): void {
    const key = words.join('\0');
    this.values.set(key, (this.values.get(key) ?? 0) + 1);
  }

  samples(make: (words: Words, value: number) => Sample<'gauge'>): Sample<'gauge'>[] {
    return [...this.values].map(([key, value]) => {
      const [a = '', b = '', c = ''] = key.split('\0');
      return make([a, b, c], value);
    });
  }
}

class Newest extends Counts {
  see(time: number, ...words: readonly string[]): void {
    const key = words.join('\0');
    this.values.set(key, Math.max(time, this.values.get(key) ?? 0));
  }
}
