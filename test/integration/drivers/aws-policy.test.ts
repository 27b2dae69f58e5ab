/**
 * The `aws` driver in a launcher that may do no more than Python Nodepool does: what it asks for beside
 * that it does without, and says so.
 */
import assert from 'node:assert/strict';

import { AwsSite, awsProvider, PROVIDER } from '../../support/aws-site.ts';
import { liveNode } from '../../support/cloud-life.ts';
import { eventually } from '../../support/eventually.ts';
import type { Scene } from '../../support/launcher-scene.ts';

/** Python never calls these, or not for a provider without fleets and dedicated hosts. */
const OURS_ALONE = [
  ...['DescribeAvailabilityZones', 'DescribeLaunchTemplates', 'GetConsoleOutput'],
  ...['CancelImportTask', 'ListMultipartUploads', 'AbortMultipartUpload'],
];
/** Its look for leaks ends with the first of these that it may not call. */
const LOOKS = [
  ...['DescribeHosts', 'DescribeImages', 'DescribeSnapshots', 'DescribeImportImageTasks'],
  ...['DescribeImportSnapshotTasks', 'ListObjectsV2'],
];

describe('the aws driver in a launcher with a narrow policy', () => {
  let site: AwsSite;
  beforeEach(async () => {
    site = await AwsSite.open();
  });
  afterEach(() => site.close());

  const run = (
    denied: readonly string[],
    steps: (scene: Scene) => Promise<void>,
  ): Promise<void> => {
    for (const call of denied) site.cloud.denied.add(call);
    return site.play(steps, {
      providers: [
        awsProvider({
          provider: {
            'cloud-images': [{ name: 'image', username: 'zuul', 'image-id': site.cloud.imageId }],
          },
        }),
      ],
      intervals: { cleanup: 0.1 },
    });
  };

  const untilCollected = async (): Promise<void> => {
    const { plant } = site.cloud;
    const tags = { nodepool_provider_name: PROVIDER, nodepool_node_id: '0000009999' };
    plant.instance({ tags });
    plant.volume({ tags });
    await site.untilEmpty();
  };

  it('serves requests and collects leaks with what Python Nodepool may do', () =>
    run(OURS_ALONE, async (scene) => {
      await liveNode(scene, 'small', () => undefined);
      await untilCollected();
      assert.ok(!scene.own.lines.some((line) => line.includes('provider cannot start')));
    }));

  it('collects instances and volumes though each other look is not allowed', () =>
    run([], async ({ zuul, own }) => {
      await zuul.ask(['small']);
      const { plant, denied, instances, volumes } = site.cloud;
      for (const call of LOOKS) denied.add(call);
      const tags = { nodepool_provider_name: PROVIDER, nodepool_node_id: '0000009999' };
      const leaked = [plant.instance({ tags, hasVolume: false }), plant.volume({ tags })];
      await eventually(() => {
        const left = [...instances.alive(), ...volumes.volumes.all()].map(({ id }) => id);
        assert.ok(!left.some((id) => leaked.includes(id)), left.join());
      });
      const told = own.lines.filter((line) => line.includes('not authorized to perform'));
      for (const call of ['DescribeHosts', 'ListObjects'])
        assert.equal(told.filter((line) => line.includes(call)).length, 1, 'said once');
    }));

  it('goes on without limits where Service Quotas may not be asked', () =>
    run(['ListServiceQuotas'], async (scene) => {
      await liveNode(scene, 'small', () => undefined);
      assert.match(scene.own.lines.join('\n'), /ListServiceQuotas/);
    }));

  it('says which action a policy has to allow where a launch needs it', () =>
    run(['RunInstances'], async ({ zuul, own }) => {
      await zuul.untilState(await zuul.submit(['small']), 'failed');
      assert.match(own.lines.join('\n'), /allow RunInstances in a policy/);
    }));
});
