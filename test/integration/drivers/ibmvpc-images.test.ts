/** Disk images from a builder's script to instances in a VPC that boot from them, and their end. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { BuilderSite } from '../../support/builder-site.ts';
import type { Fields } from '../../support/cloud-site.ts';
import { eventually } from '../../support/eventually.ts';
import { IbmSite, PROVIDER } from '../../support/ibm-site.ts';
import { launchInProcess, type InProcessLauncher } from '../../support/launcher-in-process.ts';
import { config } from '../../support/launcher-scene.ts';
import { ZuulSide } from '../../support/zuul-side.ts';

const IMAGE = 'debian';
const INTERVALS = { delete: 0.2, cleanup: 0.3, 'cloud-poll': 0.05, 'upload-check': 0.3 };
/** Several parts, the last one short. */
const DISK = Buffer.alloc(17 * 2 ** 20 + 5, 'QFI image');
const NOTHING = { images: 0, objects: 0, uploads: 0 };

describe('disk images in ibmvpc', () => {
  let ibm: IbmSite;
  let site: BuilderSite;
  let launcher: InProcessLauncher | undefined;
  beforeEach(async () => {
    ibm = await IbmSite.open({ importSeconds: 0.05, pageSize: 2 }, { hasStorage: true });
    site = await BuilderSite.open();
    configure(provider());
    await builds(DISK);
  });
  afterEach(async () => {
    await launcher?.stop(0);
    launcher = undefined;
    await site.close();
    await ibm.close();
  });

  function provider(images: readonly string[] = [IMAGE]): Fields {
    return ibm.provider({
      labels: images.length === 0 ? {} : { small: { diskimage: IMAGE, 'cloud-image': undefined } },
      provider: {
        diskimages: images.map((name) => ({ name, 'operating-system': 'debian-12-amd64' })),
        'cloud-images': [],
        ...(images.length === 0 && { pools: [] }),
      },
    });
  }

  function configure(section: Fields, hasImages = true): void {
    site.configure({
      ...{ driver: ibm.driver, providers: [section], ...(!hasImages && { diskimages: [] }) },
      more: {
        ...(hasImages && { labels: [{ name: 'small' }] }),
        extensions: { intervals: INTERVALS },
      },
    });
  }

  /** Builds from now on write that file. */
  async function builds(bytes: Buffer): Promise<void> {
    const file = join(site.folder, 'disk');
    await writeFile(file, bytes);
    await site.behave(`cp ${file} "$out.qcow2"
cd "$(dirname "$out")"
for sum in md5 sha256; do $\{sum}sum "$(basename "$out").qcow2" > "$out.qcow2.$sum"; done
mkdir -p "$out.d"; echo manifest > "$out.d/dib-manifest"
exit 0`);
  }

  const uploads = (state: string): string[] =>
    site.uploads(PROVIDER).flatMap((one) => (one.state === state ? [one.external_id ?? ''] : []));
  const untilUploaded = (count: number): Promise<void> =>
    eventually(() => {
      assert.equal(uploads('ready').length, count);
    });
  const own = () => ibm.cloud.images.images.all().filter(({ isVendors }) => !isVendors);
  const made = (): typeof NOTHING => {
    const { images, objects, uploads: partial } = ibm.cloud.counts;
    return { images, objects, uploads: partial };
  };

  it('are uploaded whole and under their names, and the instances of a launcher boot from them', async () => {
    const builder = await site.start();
    await untilUploaded(1);
    const [image] = own();
    assert.ok(image);
    assert.ok(image.data?.equals(DISK));
    assert.deepEqual(uploads('ready'), [image.id]);
    assert.equal(image.name, `npimage-${site.builds()[0]?.id ?? ''}-0000000001`);
    assert.equal(image.system.name, 'debian-12-amd64');
    assert.equal(ibm.cloud.resources.groups.get(image.groupId)?.name, `npimages_${PROVIDER}`);
    assert.deepEqual(made(), { ...NOTHING, images: 1 });
    launcher = await launchInProcess({
      connectString: site.hosts,
      config: config({
        providers: [provider()],
        extra: { diskimages: [{ name: IMAGE }], extensions: { intervals: INTERVALS } },
      }),
      drivers: { ibmvpc: ibm.driver },
    });
    const zuul = new ZuulSide(site.client);
    const id = await zuul.submit(['small']);
    const { nodes } = await zuul.untilState(id, 'fulfilled');
    const [instance] = ibm.cloud.instances.instances.all();
    assert.equal(instance?.imageId, image.id);
    const [nodeId = ''] = nodes as string[];
    const inUse = await zuul.use(id, [nodeId]);
    await inUse.giveBack();
    await zuul.untilGone([nodeId]);
    await ibm.untilEmpty();
    // The rounds for leaks leave alone what is an upload's.
    assert.deepEqual(made(), { ...NOTHING, images: 1 });
    await launcher.stop();
    await builder.stop();
  });

  it('go with the configuration, and leave nothing', async () => {
    const first = await site.start();
    await untilUploaded(1);
    await first.stop();
    configure(provider([]), false);
    await site.start();
    await eventually(() => {
      assert.deepEqual([site.builds(), site.uploads(PROVIDER), made()], [[], [], NOTHING]);
    });
  });

  const CALLS = [
    ...['GET resource_instances', 'GetBucketLocation', 'CreateMultipartUpload', 'UploadPart'],
    ...['CompleteMultipartUpload', 'POST images', 'GET images/*', 'DeleteObject'],
    'ListMultipartUploads',
  ];
  for (const mode of ['fail', 'lose'] as const)
    it(`are uploaded though each call goes wrong once: ${mode}`, async () => {
      for (const call of CALLS) ibm.cloud.arm({ call, mode });
      const builder = await site.start();
      await untilUploaded(1);
      assert.equal(ibm.cloud.armed, 0);
      assert.equal(site.uploads(PROVIDER).length, 1, 'one attempt');
      await eventually(() => {
        assert.deepEqual(made(), { ...NOTHING, images: 1 });
      });
      await builder.stop();
    });

  for (const [what, call, hold] of [
    ['among the parts of the file', 'UploadPart', false],
    ['before they are imported', 'POST images', false],
    ['while they are imported', 'GET images/*', true],
  ] as const)
    it(`that a builder left ${what} are found by their names, and uploaded anew`, async () => {
      const { cloud } = ibm;
      if (hold) cloud.hold('create');
      else cloud.arm({ call, mode: 'hang', times: 99 });
      const first = await site.start();
      await eventually(() => {
        assert.ok(cloud.calls.includes(call));
      });
      for (const one of ['DELETE images/*', 'DeleteObject', 'AbortMultipartUpload'])
        cloud.arm({ call: one, mode: 'fail', status: 403, code: 'AccessDenied', times: 99 });
      await first.lose();
      assert.notDeepEqual(made(), NOTHING);
      cloud.disarm();
      cloud.release('create');
      await site.start();
      await untilUploaded(1);
      await eventually(() => {
        assert.equal(site.uploads(PROVIDER).length, 1);
        assert.deepEqual(made(), { ...NOTHING, images: 1 });
      });
      const [image] = own();
      assert.doesNotMatch(image?.name ?? '', /-0000000001$/);
    });

  it('that IBM cannot use are refused in its words', async () => {
    ibm.cloud.images.failure = {
      code: 'image_data_corrupted',
      message: 'The image data is corrupt.',
    };
    const { lines } = await site.start();
    await eventually(() => {
      assert.ok(lines.some((line) => /upload failed.*image_data_corrupted: The image/.test(line)));
      assert.deepEqual(made(), NOTHING);
    });
  });

  it('have to have a place in an object storage that there is', async () => {
    ibm.cloud.resources.instances.length = 0;
    const { lines } = await site.start();
    await eventually(() => {
      assert.ok(lines.some((line) => /upload failed.*no object storage ci-storage/.test(line)));
    });
    assert.ok(!ibm.cloud.calls.includes('CreateMultipartUpload'));
  });
});
