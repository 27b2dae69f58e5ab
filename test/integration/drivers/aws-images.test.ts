/** Disk images from a builder's script to instances in AWS that boot from them, and their end. */
import assert from 'node:assert/strict';

import { BUCKET } from '../../../fixtures/aws-cloud/storage/buckets.ts';
import { createAwsDriver } from '../../../shared/drivers/aws/driver.ts';
import { AwsSite, awsProvider, PROVIDER } from '../../support/aws-site.ts';
import { BuilderSite } from '../../support/builder-site.ts';
import { eventually } from '../../support/eventually.ts';
import { launchInProcess, type InProcessLauncher } from '../../support/launcher-in-process.ts';
import { config } from '../../support/launcher-scene.ts';
import { ZuulSide } from '../../support/zuul-side.ts';

const IMAGE = 'debian';
const INTERVALS = { delete: 0.2, cleanup: 0.3, 'cloud-poll': 0.05, 'upload-check': 0.3 };
const METHODS = ['snapshot', 'image', 'ebs-direct'];
const NOTHING = { images: 0, snapshots: 0, objects: 0, uploads: 0, tasks: 0 };
const ONE_IMAGE = { ...NOTHING, images: 1, snapshots: 1 };
/** What a builder that was killed does not do any more. */
const TAKING_BACK = [
  ...['CancelImportTask', 'DeleteObject', 'AbortMultipartUpload', 'DeleteSnapshot'],
];

describe('disk images in aws', () => {
  const driver = createAwsDriver();
  let aws: AwsSite;
  let site: BuilderSite;
  let launcher: InProcessLauncher | undefined;
  beforeEach(async () => {
    aws = await AwsSite.open();
    site = await BuilderSite.open();
  });
  afterEach(async () => {
    await launcher?.stop(0);
    launcher = undefined;
    await site.close();
    await aws.close();
  });

  function configure(provider: object, hasImages = true): void {
    site.configure({
      ...{ driver, providers: [{ ...provider }], ...(!hasImages && { diskimages: [] }) },
      more: {
        ...(hasImages && { labels: [{ name: 'small' }] }),
        extensions: { intervals: INTERVALS },
      },
    });
  }
  const made = () => {
    const { images, snapshots, objects, uploads, tasks } = aws.cloud.counts;
    return { images, snapshots, objects, uploads, tasks };
  };
  const uploads = (state: string): string[] =>
    site.uploads(PROVIDER).flatMap((one) => (one.state === state ? [one.external_id ?? ''] : []));
  const untilUploaded = () =>
    eventually(() => {
      assert.equal(uploads('ready').length, 1);
    });

  for (const method of METHODS) {
    it(`are uploaded whole and with their tags, and instances boot from them: ${method}`, async () => {
      configure(provider(method));
      const builder = await site.start();
      await untilUploaded();
      const [id = ''] = uploads('ready');
      const image = aws.cloud.images.image(id);
      const snapshot = aws.cloud.images.snapshot(image.mappings[0]?.snapshotId ?? '');
      const tags = {
        ...{ team: 'infra', nodepool_provider_name: PROVIDER },
        ...{ nodepool_build_id: site.builds()[0]?.id, nodepool_upload_id: '0000000001' },
      };
      assert.deepEqual([image.tags, snapshot.tags], [tags, tags]);
      assert.match(snapshot.data?.toString() ?? '', /^data of debian as raw\n\0*$/);
      assert.deepEqual(made(), ONE_IMAGE);

      launcher = await launchInProcess({
        connectString: site.hosts,
        config: config({
          providers: [provider(method)],
          extra: { diskimages: [{ name: IMAGE }], extensions: { intervals: INTERVALS } },
        }),
        drivers: { aws: driver },
      });
      const zuul = new ZuulSide(site.client);
      const request = await zuul.submit(['small']);
      const { nodes } = await zuul.untilState(request, 'fulfilled');
      assert.deepEqual(
        aws.cloud.instances.alive().map(({ imageId }) => imageId),
        [id],
      );
      const [nodeId = ''] = nodes as string[];
      await (await zuul.use(request, [nodeId])).giveBack();
      await zuul.untilGone([nodeId]);
      await aws.untilEmpty();
      assert.deepEqual(made(), ONE_IMAGE);
      await launcher.stop();
      await builder.stop();
    });

    it(`go with the configuration, and leave nothing: ${method}`, async () => {
      configure(provider(method));
      const first = await site.start();
      await untilUploaded();
      await first.stop();
      configure(withoutImages(), false);
      await site.start();
      await eventually(() => {
        assert.deepEqual([site.builds(), site.uploads(PROVIDER), made()], [[], [], NOTHING]);
      });
    });
  }

  for (const [what, method, call] of [
    ['while AWS imported them', 'snapshot', 'DescribeImportSnapshotTasks'],
    ['while AWS made an AMI of them', 'image', 'DescribeImportImageTasks'],
    ['among the parts for S3', 'snapshot', 'UploadPart'],
    ['among their blocks', 'ebs-direct', 'PutSnapshotBlock'],
  ] as const)
    it(`that a builder left ${what} are found by their tags, and uploaded anew`, async () => {
      const { cloud } = aws;
      configure(provider(method));
      // More than one part for S3.
      await site.behave(`extend() { head -c 9000000 /dev/urandom >> "$1"; }
        mkdir -p "$(dirname "$out")"; echo start > "$out.raw"; extend "$out.raw"
        cd "$(dirname "$out")"
        for sum in md5 sha256; do $\{sum}sum "$(basename "$out").raw" > "$out.raw.$sum"; done
        mkdir -p "$out.d"; echo manifest > "$out.d/dib-manifest"; exit 0`);
      cloud.hold('create');
      if (!call.startsWith('Describe')) cloud.arm({ call, mode: 'hang', times: 99 });
      const first = await site.start();
      await eventually(() => {
        assert.ok(cloud.calls.includes(call));
      });
      for (const one of TAKING_BACK)
        cloud.arm({ call: one, mode: 'fail', status: 403, code: 'AccessDenied', times: 99 });
      await first.lose();
      assert.notDeepEqual(made(), NOTHING);
      cloud.disarm();
      cloud.release('create');
      await site.start();
      await untilUploaded();
      await eventually(() => {
        assert.equal(site.uploads(PROVIDER).length, 1);
        assert.deepEqual(made(), ONE_IMAGE);
      });
      const [id = ''] = uploads('ready');
      assert.notEqual(aws.cloud.images.image(id).tags.nodepool_upload_id, '0000000001');
      assert.equal(aws.cloud.buckets.bucket(BUCKET).size, 0);
    });
});

function provider(method: string) {
  return awsProvider({
    labels: { small: { diskimage: IMAGE, 'cloud-image': undefined } },
    provider: {
      diskimages: [{ name: IMAGE, 'import-method': method, tags: { team: 'infra' } }],
      'cloud-images': [],
    },
  });
}

function withoutImages() {
  return awsProvider({ labels: {}, provider: { 'cloud-images': [], pools: [] } });
}
