/** Disk images from a builder to instances, by each way to import them, by the official SDK. */
import assert from 'node:assert/strict';

import { tagRecord } from '../../../shared/drivers/aws/client/tags.ts';
import { BuilderSite } from '../../support/builder-site.ts';
import { eventually } from '../../support/eventually.ts';
import { launchInProcess } from '../../support/launcher-in-process.ts';
import { config } from '../../support/launcher-scene.ts';
import { ZuulSide } from '../../support/zuul-side.ts';
import { motoOrSkip, type Moto } from './moto.ts';
import { Site } from './site.ts';

const signal = new AbortController().signal;
const BUCKET = 'images-of-builders';
const IMAGE = 'debian';
const INTERVALS = { delete: 0.5, cleanup: 1, 'cloud-poll': 0.2, 'upload-check': 0.5 };
const PATIENCE_MS = 60_000;

type Fields = Readonly<Record<string, unknown>>;

describe('disk images in AWS, by the official SDK', function () {
  this.timeout(300_000);
  let moto: Moto;
  let aws: Site;
  let site: BuilderSite;
  let tests = 0;
  before(async function () {
    moto = await motoOrSkip(this);
    await moto.makeBucket(BUCKET);
  });
  beforeEach(async () => {
    aws = await Site.open(moto, `image-test-${++tests}`);
    site = await BuilderSite.open();
  });
  afterEach(async () => {
    await site.close();
    await aws.close();
  });

  const provider = (method: string): Fields =>
    aws.section({
      labels: { small: { diskimage: IMAGE } },
      provider: {
        diskimages: [{ name: IMAGE, 'import-method': method, tags: { team: 'infra' } }],
        ...{ 'cloud-images': [], 'object-storage': { 'bucket-name': BUCKET } },
      },
    });
  const configure = (section: Fields, hasImages = true): void => {
    site.configure({
      ...{ driver: aws.driver, providers: [section], ...(!hasImages && { diskimages: [] }) },
      more: {
        ...(hasImages && { labels: [{ name: 'small' }] }),
        extensions: { intervals: INTERVALS },
      },
    });
  };
  const ready = (): readonly string[] =>
    site
      .uploads(aws.provider)
      .flatMap(({ state, external_id: id }) => (state === 'ready' ? [id ?? ''] : []));
  const untilUploaded = (): Promise<void> =>
    eventually(
      () => {
        assert.equal(ready().length, 1);
      },
      PATIENCE_MS,
      200,
    );

  for (const method of ['snapshot', 'image', 'ebs-direct'])
    it(`are uploaded, booted from and deleted: ${method}`, async () => {
      const { services } = aws;
      configure(provider(method));
      const builder = await site.start();
      await untilUploaded();
      const [id = ''] = ready();
      const image = await services.images.image(id, signal);
      const snapshotId = image?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? '';
      const snapshot = await services.images.snapshot(snapshotId, signal);
      const tags = {
        ...{ team: 'infra', nodepool_provider_name: aws.provider },
        ...{ nodepool_build_id: site.builds()[0]?.id, nodepool_upload_id: '0000000001' },
      };
      assert.deepEqual([tagRecord(image?.Tags), tagRecord(snapshot?.Tags)], [tags, tags]);
      assert.deepEqual(await services.storage.objects(BUCKET, '', signal), []);

      const launcher = await launchInProcess({
        connectString: site.hosts,
        config: config({
          providers: [provider(method)],
          extra: { diskimages: [{ name: IMAGE }], extensions: { intervals: INTERVALS } },
        }),
        drivers: { aws: aws.driver },
      });
      try {
        const zuul = new ZuulSide(site.client);
        const { id: request, nodes } = await zuul.ask(['small']);
        const [instance = ''] = (await aws.left()).instances ?? [];
        assert.equal((await services.compute.instance(instance, signal))?.ImageId, id);
        await (await zuul.use(request, nodes)).giveBack();
        await zuul.untilGone(nodes, PATIENCE_MS);
        await aws.untilLeft({ amis: [id], snapshots: [snapshotId] });
      } finally {
        await launcher.stop(0);
      }
      await builder.stop();
      configure(aws.section({ labels: {}, provider: { 'cloud-images': [], pools: [] } }), false);
      await site.start();
      await aws.untilLeft();
    });

  it('are uploaded though calls go wrong on the way', async () => {
    for (const call of ['PUT s3', 'ImportSnapshot', 'DescribeImportSnapshotTasks', 'RegisterImage'])
      aws.proxy.add(call, { mode: 'reset' });
    aws.proxy.add('ImportSnapshot', { mode: 'lose' });
    configure(provider('snapshot'));
    await site.start();
    await untilUploaded();
    const { amis = [], snapshots = [] } = await aws.left();
    assert.deepEqual([amis.length, snapshots.length], [1, 1]);
    assert.deepEqual(await aws.services.storage.objects(BUCKET, '', signal), []);
  });
});
