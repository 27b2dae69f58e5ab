/** Disk images from a builder's script to instances in AWS that boot from them, and their end. */
import assert from 'node:assert/strict';

import { PROVIDER } from '../../support/aws-site.ts';
import {
  awsImages,
  findsWhatIsLeft,
  IMAGE,
  INTERVALS,
  NOTHING,
  ONE_IMAGE,
  provider,
  withoutImages,
} from '../../support/clouds/aws-images.ts';
import { eventually } from '../../support/eventually.ts';
import { launchInProcess, type InProcessLauncher } from '../../support/launcher-in-process.ts';
import { config } from '../../support/launcher-scene.ts';
import { ZuulSide } from '../../support/zuul-side.ts';

const METHODS = ['snapshot', 'image', 'ebs-direct'];

describe('disk images in aws', () => {
  let launcher: InProcessLauncher | undefined;
  afterEach(async () => {
    await launcher?.stop(0);
    launcher = undefined;
  });
  const images = awsImages();

  for (const method of METHODS) {
    it(`are uploaded whole and with their tags, and instances boot from them: ${method}`, async () => {
      images.configure(provider(method));
      const builder = await images.site.start();
      await images.untilUploaded();
      const [id = ''] = images.uploads('ready');
      const image = images.aws.cloud.images.image(id);
      const snapshot = images.aws.cloud.images.snapshot(image.mappings[0]?.snapshotId ?? '');
      const tags = {
        ...{ team: 'infra', nodepool_provider_name: PROVIDER },
        ...{ nodepool_build_id: images.site.builds()[0]?.id, nodepool_upload_id: '0000000001' },
      };
      assert.deepEqual([image.tags, snapshot.tags], [tags, tags]);
      assert.match(snapshot.data?.toString() ?? '', /^data of debian as raw\n\0*$/);
      assert.deepEqual(images.made(), ONE_IMAGE);

      launcher = await launchInProcess({
        connectString: images.site.hosts,
        config: config({
          providers: [provider(method)],
          extra: { diskimages: [{ name: IMAGE }], extensions: { intervals: INTERVALS } },
        }),
        drivers: { aws: images.driver },
      });
      const zuul = new ZuulSide(images.site.client);
      const request = await zuul.submit(['small']);
      const { nodes } = await zuul.untilState(request, 'fulfilled');
      assert.deepEqual(
        images.aws.cloud.instances.alive().map(({ imageId }) => imageId),
        [id],
      );
      const [nodeId = ''] = nodes as string[];
      await (await zuul.use(request, [nodeId])).giveBack();
      await zuul.untilGone([nodeId]);
      await images.aws.untilEmpty();
      assert.deepEqual(images.made(), ONE_IMAGE);
      await launcher.stop();
      await builder.stop();
    });

    it(`go with the configuration, and leave nothing: ${method}`, async () => {
      images.configure(provider(method));
      const first = await images.site.start();
      await images.untilUploaded();
      await first.stop();
      images.configure(withoutImages(), false);
      await images.site.start();
      await eventually(() => {
        assert.deepEqual(
          [images.site.builds(), images.site.uploads(PROVIDER), images.made()],
          [[], [], NOTHING],
        );
      });
    });
  }

  findsWhatIsLeft(images, [['while AWS imported them', 'snapshot', 'DescribeImportSnapshotTasks']]);
});
