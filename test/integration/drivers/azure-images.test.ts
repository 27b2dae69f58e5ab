/** Disk images from a builder's script to machines in Azure that boot from them, and their end. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BuilderSite } from '../../support/builder-site.ts';
import { AzureSite, PROVIDER } from '../../support/azure-site.ts';
import { eventually } from '../../support/eventually.ts';
import { launchInProcess, type InProcessLauncher } from '../../support/launcher-in-process.ts';
import { config } from '../../support/launcher-scene.ts';
import { ZuulSide } from '../../support/zuul-side.ts';
import { vhdBytes } from '../../support/vhd-file.ts';

const IMAGE = 'debian';
const INTERVALS = { delete: 0.2, cleanup: 0.3, 'cloud-poll': 0.05, 'upload-check': 0.3 };
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 somebody';
const DISK = vhdBytes(5, { 1: 1, 4: 2 });

describe('disk images in azure', () => {
  let azure: AzureSite;
  let site: BuilderSite;
  let launcher: InProcessLauncher | undefined;
  beforeEach(async () => {
    azure = await AzureSite.open({ minUploadBytes: 1024 });
    site = await BuilderSite.open();
    site.configure({
      ...{ driver: azure.driver, providers: [provider(azure)] },
      more: { labels: [{ name: 'small' }], extensions: { intervals: INTERVALS } },
    });
    await buildsVhd(site, DISK);
  });
  afterEach(async () => {
    await launcher?.stop(0);
    launcher = undefined;
    await site.close();
    await azure.close();
  });

  const uploads = (state: string): string[] =>
    site.uploads(PROVIDER).flatMap((one) => (one.state === state ? [one.external_id ?? ''] : []));
  const untilUploaded = (count: number): Promise<void> =>
    eventually(() => {
      assert.equal(uploads('ready').length, count);
    });
  const stored = () => azure.cloud.images.all();
  const names = (): string[] => stored().map(({ name }) => name);

  it('are uploaded whole and with their tags, and the machines of a launcher boot from them', async () => {
    const builder = await site.start();
    await untilUploaded(1);
    const [image] = stored();
    assert.ok(image);
    assert.ok(image.data?.equals(DISK));
    assert.deepEqual(names(), uploads('ready'));
    assert.deepEqual(image.tags, {
      nodepool_provider_name: PROVIDER,
      nodepool_build_id: site.builds()[0]?.id,
      nodepool_upload_id: '0000000001',
    });
    await azure.untilEmpty();
    launcher = await launchInProcess({
      connectString: site.hosts,
      config: config({
        providers: [provider(azure)],
        extra: { diskimages: [{ name: IMAGE }], extensions: { intervals: INTERVALS } },
      }),
      drivers: { azure: azure.driver },
    });
    const zuul = new ZuulSide(site.client);
    const id = await zuul.submit(['small']);
    const { nodes } = await zuul.untilState(id, 'fulfilled');
    const [machine] = azure.cloud.compute.machines.all();
    const { imageReference } = machine?.request.properties.storageProfile ?? {};
    assert.match(String(imageReference?.id), new RegExp(`/images/${image.name}$`));
    const [nodeId = ''] = nodes as string[];
    const inUse = await zuul.use(id, [nodeId]);
    await inUse.giveBack();
    await zuul.untilGone([nodeId]);
    await azure.untilEmpty();
    await launcher.stop();
    await builder.stop();
  });

  it('go with the configuration, and leave nothing', async () => {
    const first = await site.start();
    await untilUploaded(1);
    await first.stop();
    site.configure({
      ...{ driver: azure.driver, providers: [provider(azure, [])], diskimages: [] },
      more: { extensions: { intervals: INTERVALS } },
    });
    await site.start();
    await eventually(() => {
      assert.deepEqual([site.builds(), site.uploads(PROVIDER), names()], [[], [], []]);
    });
  });

  it('that a builder left half-way are found by their tags, and uploaded anew', async () => {
    azure.cloud.arm({ call: 'POST disks/*/endGetAccess', mode: 'hang', times: 99 });
    const first = await site.start();
    await eventually(() => {
      assert.ok(azure.cloud.calls.includes('POST disks/*/endGetAccess'));
    });
    const [left] = azure.cloud.disks.disks.all();
    assert.equal(left?.diskState, 'ActiveUpload');
    await first.lose();
    assert.equal(azure.cloud.counts.disks, 1);
    azure.cloud.disarm();
    await site.start();
    await untilUploaded(1);
    await eventually(() => {
      assert.equal(site.uploads(PROVIDER).length, 1);
      assert.equal(azure.cloud.counts.disks, 0);
    });
    assert.deepEqual(names(), uploads('ready'));
  });

  it('that are no VHD of fixed size are refused in words', async () => {
    await buildsVhd(site, DISK.subarray(0, -512));
    const { lines } = await site.start();
    await eventually(() => {
      assert.ok(lines.some((line) => /upload failed.*no footer/.test(line)));
    });
    assert.deepEqual([azure.cloud.counts.disks, azure.cloud.counts.images], [0, 0]);
    assert.ok(!azure.cloud.calls.some((call) => call.startsWith('PUT ')));
  });
});

function provider(azure: AzureSite, images: readonly string[] = [IMAGE]) {
  return azure.provider({
    labels: images.length === 0 ? {} : { small: { diskimage: IMAGE, 'cloud-image': undefined } },
    provider: {
      diskimages: images.map((name) => ({ name, username: 'zuul', key: KEY })),
      'cloud-images': [],
      ...(images.length === 0 && { pools: [] }),
    },
  });
}

/** Builds from now on write that file. */
async function buildsVhd(site: BuilderSite, bytes: Buffer): Promise<void> {
  const file = join(site.folder, 'disk.vhd');
  await writeFile(file, bytes);
  await site.behave(`cp ${file} "$out.vhd"
cd "$(dirname "$out")"
for sum in md5 sha256; do $\{sum}sum "$(basename "$out").vhd" > "$out.vhd.$sum"; done
mkdir -p "$out.d"; echo manifest > "$out.d/dib-manifest"
exit 0`);
}
