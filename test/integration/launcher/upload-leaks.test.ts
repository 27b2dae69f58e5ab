/**
 * What carries the tags of an upload of an image: a launcher deletes it where no upload of the provider
 * has that build and number, and leaves it alone where one has, whatever its record says.
 */
import assert from 'node:assert/strict';

import { uploadPath, uploadsPath } from '../../../shared/store/paths.ts';
import { eventually } from '../../support/eventually.ts';
import type { Scene } from '../../support/launcher-scene.ts';
import { OpenStackSite, openStackProvider, PROVIDER } from '../../support/openstack-site.ts';

const BUILD = 'a3f0c2d4e5b60718293a4b5c6d7e8f90';
const OTHER_BUILD = '0011223344556677889900aabbccddee';
const KEY = { image: 'debian', build: BUILD };

const upload = (state: string): Buffer =>
  Buffer.from(JSON.stringify({ state, state_time: 1, external_id: null, username: 'zuul' }));

describe('what is left of uploads of images', () => {
  let site: OpenStackSite;
  beforeEach(async () => {
    site = await OpenStackSite.open();
  });
  afterEach(() => site.close());

  /** Any resource that a driver lists does. */
  const plant = (build: string, number: number, provider = PROVIDER): string =>
    site.cloud.plant.server({
      metadata: {
        nodepool_provider_name: provider,
        nodepool_build_id: build,
        nodepool_upload_id: String(number).padStart(10, '0'),
      },
      hasPort: false,
    });

  const ids = (): string[] => site.cloud.compute.servers.all().map(({ id }) => id);

  /** Until only these are left, and still are after enough rounds to find and delete more. */
  async function untilOnly(kept: readonly string[]): Promise<void> {
    const looks = (): number =>
      site.cloud.calls.filter((call) => call === 'GET servers/detail').length;
    await eventually(() => {
      assert.deepEqual(ids().toSorted(), kept.toSorted());
    });
    const before = looks();
    await eventually(() => {
      assert.ok(looks() >= before + 4);
    });
    assert.deepEqual(ids().toSorted(), kept.toSorted());
  }

  const play = (steps: (scene: Scene) => Promise<void>): Promise<void> =>
    site.play(steps, { providers: [openStackProvider()], intervals: { cleanup: 0.1 } });

  it('goes, and only that', () =>
    play(async ({ zuul: { client } }) => {
      const at = uploadsPath(KEY, PROVIDER);
      await client.ensurePath(at);
      await client.create(`${at}/0000000001`, upload('ready'));
      await client.create(`${at}/0000000002`, upload('uploading'));
      await client.create(`${at}/0000000003`, Buffer.from('{"state": '));
      await client.create(`${at}/0000000004`, upload('deleting'));
      const elsewhere = uploadPath({ ...KEY, provider: 'another', upload: '0000000005' });
      await client.ensurePath(uploadsPath(KEY, 'another'));
      await client.create(elsewhere, upload('ready'));
      const kept = [1, 2, 3, 4].map((number) => plant(BUILD, number));
      kept.push(plant(OTHER_BUILD, 9, 'another'));
      plant(BUILD, 5);
      plant(BUILD, 6);
      plant(OTHER_BUILD, 1);
      await untilOnly(kept);
      await client.delete(`${at}/0000000004`);
      await untilOnly(kept.toSpliced(3, 1));
    }));
});
