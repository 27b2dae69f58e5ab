/** What must not be there when nothing is under way, in words: of builds, uploads, files, the machine. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../../fixtures/processes/run.ts';
import type { Ground } from './ground.ts';

const KEPT = 2;
const OWN_FILES = ['builder_id.txt', '.inputs.key'];

/** `foreign`: names of files that are nobody's, and ids of images that are not from the builder. */
export async function leftovers(
  ground: Ground,
  foreign: { readonly files?: readonly string[]; readonly images?: readonly string[] } = {},
): Promise<readonly string[]> {
  return [
    ...records(ground),
    ...(await files(ground, foreign.files ?? [])),
    ...(await images(ground, foreign.images ?? [])),
    ...(await onMachine(ground)),
    ...(await locks(ground)),
  ];
}

/** Containers of the builder, loop devices and mounts of its folder. */
export async function onMachine(ground: Ground): Promise<readonly string[]> {
  const { docker, folder, imagesDir } = ground;
  const id = (await readFile(join(imagesDir, 'builder_id.txt'), 'utf8')).trim();
  const containers = await docker.withLabel(`nodepool.builder=${id}`);
  const loops = (await run('losetup', ['--list', '--noheadings', '--output', 'NAME,BACK-FILE']))
    .split('\n')
    .filter((line) => line.includes(folder));
  const mounts = (await readFile('/proc/mounts', 'utf8'))
    .split('\n')
    .filter((line) => line.includes(`${imagesDir}/`));
  return [...containers.map((one) => `container ${one}`), ...loops, ...mounts];
}

function records(ground: Ground): string[] {
  const builds = ground.builds();
  const uploads = ground.uploads();
  const newest = builds.toSorted((a, b) => b.state_time - a.state_time).slice(0, KEPT);
  const places = [...new Set(uploads.map(({ provider }) => provider))];
  return [
    ...builds.flatMap(({ id, state }) => (state === 'ready' ? [] : [`build ${id}: ${state}`])),
    ...uploads.flatMap(({ id, build, provider, state }) =>
      state === 'ready' ? [] : [`upload ${build}/${provider}/${id}: ${state}`],
    ),
    ...builds.flatMap((build) => {
      const isKept = newest.includes(build) || uploads.some((one) => one.build === build.id);
      return isKept ? [] : [`build ${build.id}: neither new nor uploaded`];
    }),
    ...places.flatMap((place) => {
      const count = uploads.filter(({ provider }) => provider === place).length;
      return count > KEPT ? [`${count} uploads at ${place}`] : [];
    }),
  ];
}

async function files(ground: Ground, foreign: readonly string[]): Promise<string[]> {
  const ids = ground.builds().map(({ id }) => id);
  const names = await readdir(ground.imagesDir);
  const kept = [...OWN_FILES, ...foreign];
  return [
    ...foreign.filter((name) => !names.includes(name)).map((name) => `foreign file gone: ${name}`),
    ...names
      .filter((name) => !kept.includes(name))
      .filter((name) => name.endsWith('.work') || !ids.some((id) => name.includes(id)))
      .map((name) => `file ${name}`),
    ...ids.filter((id) => !names.some((name) => name.includes(id))).map((id) => `no file of ${id}`),
  ];
}

async function images(ground: Ground, foreign: readonly string[]): Promise<string[]> {
  const there = await ground.cloudImages();
  const uploads = ground.uploads();
  const ids = new Set([...uploads.map((one) => one.external_id ?? ''), ...foreign]);
  const active = new Set(there.filter((one) => one.status === 'active').map(({ id }) => id));
  return [
    ...there
      .filter(({ id }) => !ids.has(id))
      .map(({ id, name, status }) => `image ${id} ${name ?? ''} ${status ?? ''}`),
    ...[...ids].filter((id) => !active.has(id)).map((id) => `image ${id} is not active`),
  ];
}

/** All that hold or wait. */
async function locks({ client }: Ground): Promise<string[]> {
  const found: string[] = [];
  const queue = ['/nodepool/images'];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const above = next;
    const { children } = await client.children(above);
    const paths = children.map((name) => `${above}/${name}`);
    if (above.endsWith('/lock')) found.push(...paths);
    queue.push(...paths);
  }
  return found;
}
