/** Images as commands may find them: every state, and what is not in order. */
import type { CliSite } from './cli-site.ts';

const IMAGES = '/nodepool/images';

/** So old that no hour passes between two programs. */
const SINCE = Math.floor(Date.now() / 1000) - 3 * 86_400 - 1800;

export const build = (fields: object = {}): object => ({
  state: 'ready',
  state_time: SINCE + 0.25,
  builder: 'builder-one.example.org',
  builder_id: '55a1b0f1-5bb5-4b8c-9d2f-4f5d4d8f3f5e',
  formats: 'qcow2,raw',
  username: 'zuul',
  python_path: 'auto',
  shell_type: null,
  ...fields,
});

export const upload = (fields: object = {}): object => ({
  state: 'ready',
  state_time: SINCE + 60.5,
  external_id: '0b7c',
  external_name: 'trixie-1700000000',
  format: 'qcow2',
  username: 'zuul',
  python_path: 'auto',
  shell_type: 'csh',
  ...fields,
});

export const BUILDS = {
  ready: 'a3f0c2d4e5b60718293a4b5c6d7e8f90',
  failed: '0011223344556677889900aabbccddee',
  building: 'ffeeddccbbaa00998877665544332211',
  deleting: '1234567890abcdef1234567890abcdef',
} as const;

export const uploadsOf = (image: string, id: string, provider: string): string =>
  `${IMAGES}/${image}/builds/${id}/providers/${provider}/images`;

/** Fills an empty place. */
export async function putImages(site: CliSite): Promise<void> {
  const at = (image: string, id: string): string => `${IMAGES}/${image}/builds/${id}`;
  await site.put(at('debian-trixie', BUILDS.ready), build());
  await site.put(at('debian-trixie', BUILDS.failed), build({ state: 'failed', formats: 'raw' }));
  await site.put(at('debian-trixie', BUILDS.building), {
    state: 'building',
    state_time: SINCE,
    builder: 'größer.example.org',
    username: null,
  });
  await site.put(
    at('debian-trixie', BUILDS.deleting),
    build({ state: 'deleting', formats: 'vhd' }),
  );
  const one = uploadsOf('debian-trixie', BUILDS.ready, 'cloud-one');
  await site.put(`${one}/0000000001`, upload());
  await site.put(
    `${one}/0000000004`,
    upload({ state: 'uploading', external_id: null, external_name: null }),
  );
  await site.put(`${one}/lock`);
  await site.put(`${one}/0000000001/lock`);
  const two = uploadsOf('debian-trixie', BUILDS.ready, 'cloud-two');
  await site.put(`${two}/0000000002`, upload({ state: 'failed', external_id: 'größer 日本' }));
  await site.put(`${two}/0000000003`, upload({ state: 'deleting' }));
  // Paused.
  await site.put(at('Fedora', BUILDS.ready), build({ formats: undefined }));
  await site.put(`${IMAGES}/Fedora/pause`);
  // A build is asked for: by nobody taken up, and taken up by a builder.
  await site.put(`${IMAGES}/noble/request-build`);
  await site.put(`${IMAGES}/jammy/request-build`);
  await site.put(`${IMAGES}/jammy/builds/lock/0000000000`);
  await site.put(at('jammy', BUILDS.building), build({ state: 'building', formats: undefined }));
  // Taken up, and the build is not there yet.
  await site.put(`${IMAGES}/focal/request-build`);
  await site.put(`${IMAGES}/focal/builds/lock/0000000000`);
  // Nothing at all; and what a lock leaves where a build was.
  await site.put(`${IMAGES}/empty`);
  await site.put(at('empty-build', BUILDS.failed));
  await site.put(`${at('empty-build', BUILDS.failed)}/lock`);
}

/** A table that can be compared with one made a little later: ages lose their minutes and seconds. */
export function still(text: string): string {
  return text.replaceAll(/\b(\d\d:\d\d):\d\d:\d\d\b/g, '$1:MM:SS');
}
