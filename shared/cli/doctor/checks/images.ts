/** Images, their builds and uploads, and room for more where this machine builds. */
import { lstat, readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';

import { isOwn } from '../../../asking/builders.ts';
import { messageOf } from '../../../base/errors.ts';
import { imageBuildLockPath, uploadsLockPath } from '../../../store/paths.ts';
import { childrenOf, type ReadOptions } from '../../records.ts';
import type { ImageState } from '../../plan/model.ts';
import { judgeDisk } from '../judge/disk.ts';
import { judgeImage } from '../judge/images.ts';
import { Skipped } from '../model.ts';
import type { Check } from '../run.ts';

export const images: Check = {
  name: 'images',
  async run(ground, signal) {
    const [config, client, { images: states, now }] = await Promise.all([
      ground.config(),
      ground.zookeeper(),
      ground.records(),
    ]);
    if (config.diskimages.size === 0) throw new Skipped('there are no diskimages');
    const options: ReadOptions = { client, signal, warn: () => undefined };
    const findings = await Promise.all(
      [...config.diskimages.values()].map(async (image) => {
        const state = states.get(image.name) ?? { builds: [], isPaused: false };
        const locks = await locksOf(image.name, state, options);
        return judgeImage({ image, state, config, now, ...locks });
      }),
    );
    return findings.flat();
  },
};

/** Only of what is at work. */
async function locksOf(image: string, { builds }: ImageState, options: ReadOptions) {
  const isBuilding = builds.some(({ record }) => record.state === 'building');
  const isBuildLocked =
    isBuilding && (await childrenOf(imageBuildLockPath(image), options)).length > 0;
  const uploadLocks = new Set<string>();
  for (const { id, uploads } of builds)
    for (const { provider, record } of uploads) {
      if (record.state !== 'uploading') continue;
      const path = uploadsLockPath({ image, build: id }, provider);
      if ((await childrenOf(path, options)).length > 0) uploadLocks.add(`${id}/${provider}`);
    }
  return { isBuildLocked, uploadLocks };
}

export const disk: Check = {
  name: 'disk',
  async run(ground) {
    const [{ imagesDir: folder }, { members }] = await Promise.all([
      ground.config(),
      ground.records(),
    ]);
    const { hostname } = ground.context;
    const isBuilder = members.some(
      ({ kind, record }) => kind === 'builder' && isOwn(record.hostname, hostname),
    );
    if (folder === undefined) throw new Skipped('images-dir is not set');
    if (!isBuilder) throw new Skipped('no builder runs on this machine');
    try {
      const [{ bavail, blocks, bsize }, largestBytes] = await Promise.all([
        statfs(folder),
        largestBuild(folder),
      ]);
      const [freeBytes, totalBytes] = [bavail * bsize, blocks * bsize];
      return judgeDisk({ folder, freeBytes, totalBytes, largestBytes });
    } catch (error) {
      return [
        {
          ...{ severity: 'problem', code: 'images-dir', object: folder },
          seen: `cannot be looked at: ${messageOf(error)}`,
          remedy: 'make the folder, for the user of the builder, or correct images-dir',
        },
      ];
    }
  },
};

/** As builder/plan/local-files.ts knows them: `<image>-<build>.<format>`. */
const BUILD_FILE = /^(.+-(?:[0-9a-f]{32}|\d{10}))\./;
const BLOCK = 512;

async function largestBuild(folder: string): Promise<number> {
  const sizes = new Map<string, number>();
  for (const name of await readdir(folder)) {
    const build = BUILD_FILE.exec(name)?.[1];
    if (build === undefined) continue;
    const stats = await lstat(join(folder, name)).catch(() => undefined);
    if (stats?.isFile() === true) sizes.set(build, (sizes.get(build) ?? 0) + stats.blocks * BLOCK);
  }
  return Math.max(0, ...sizes.values());
}
