/** What ZooKeeper holds, read once for a plan, whichever programs wrote it. */
import type { Clock } from '../../base/clock.ts';
import type { BuildView, UploadView } from '../../rules/images/view.ts';
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
  const ofBuild = new Map<string, UploadView[]>();
  for (const { image, build, provider, upload: id, record } of uploads) {
    const key = `${image}/${build}`;
    ofBuild.set(key, [...(ofBuild.get(key) ?? []), { id, provider, record }]);
  }
  const ofImage = new Map<string, BuildView[]>();
  for (const { image, build: id, record } of builds) {
    const view = { id, record, uploads: ofBuild.get(`${image}/${id}`) ?? [] };
    ofImage.set(image, [...(ofImage.get(image) ?? []), view]);
  }
  return new Map(
    images.map(({ name, isPaused }) => [name, { isPaused, builds: ofImage.get(name) ?? [] }]),
  );
}
