/** What ZooKeeper holds, read once for a plan, whichever programs wrote it. */
import type { Clock } from '../../base/clock.ts';
import type { BuildView, UploadView } from '../../rules/images/view.ts';
import { groupBy } from '../group.ts';
import { readBuilds, readImages, readUploads } from '../image-records.ts';
import { readComponents, readNodes, readRequests, type ReadOptions } from '../records.ts';
import type { ImageState, Snapshot } from './model.ts';

export async function readSnapshot(options: ReadOptions, clock: Clock): Promise<Snapshot> {
  const [nodes, requests, pools, images] = await Promise.all([
    readNodes(options),
    readRequests(options),
    readComponents('pool', options),
    readImageStates(options),
  ]);
  return { nodes, requests, pools, images, now: clock.now() / 1000 };
}

/** By image. */
export async function readImageStates(options: ReadOptions): Promise<Map<string, ImageState>> {
  const [images, builds, uploads] = await Promise.all([
    readImages(options),
    readBuilds(options),
    readUploads(options),
  ]);
  const ofBuild = groupBy(uploads, ({ image, build }) => `${image}/${build}`);
  const uploadsOf = (image: string, build: string): UploadView[] =>
    (ofBuild.get(`${image}/${build}`) ?? []).map(({ upload: id, provider, record }) => ({
      ...{ id, provider, record },
    }));
  const ofImage = groupBy(builds, ({ image }) => image);
  const buildsOf = (image: string): BuildView[] =>
    (ofImage.get(image) ?? []).map(({ build: id, record }) => ({
      ...{ id, record, uploads: uploadsOf(image, id) },
    }));
  return new Map(images.map(({ name, isPaused }) => [name, { isPaused, builds: buildsOf(name) }]));
}
