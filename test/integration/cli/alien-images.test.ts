/** Images that `nodepool alien-image-list` finds in an OpenStack in memory. */
import assert from 'node:assert/strict';
import type { OpenStackCloud } from '../../../fixtures/openstack-cloud/cloud.ts';
// Imported here, as mocha's loader would give a lazy import error classes of its own.
import '../../../shared/drivers/openstack/driver.ts';
import { uploadPath, type UploadKey } from '../../../shared/store/paths.ts';
import { upload } from '../../support/cli-images.ts';
import { CliSite } from '../../support/cli-site.ts';
import { openStackProvider, OpenStackSite, PROVIDER } from '../../support/openstack-site.ts';

const key: UploadKey = { image: 'debian', build: 'b1', provider: PROVIDER, upload: '0000000001' };
const tags = (build: string, id: string) => ({
  nodepool_build_id: build,
  nodepool_upload_id: id,
  nodepool_provider_name: PROVIDER,
});

describe('nodepool alien-image-list', () => {
  let openstack: OpenStackSite;
  let cloud: OpenStackCloud;
  let site: CliSite;

  before(async () => {
    openstack = await OpenStackSite.open();
    ({ cloud } = openstack);
    site = await CliSite.make({
      labels: [{ name: 'small' }],
      diskimages: [{ name: 'debian' }],
      providers: [
        openStackProvider({ provider: { diskimages: [{ name: 'debian' }] } }),
        openStackProvider({ name: 'away', provider: { cloud: 'elsewhere' } }),
        { name: 'hosts', driver: 'static', pools: [] },
      ],
    });
    site.environment = openstack.environment;
    const image = (name: string, properties = {}) =>
      cloud.images.add({ name, status: 'active', data: Buffer.from('image'), properties });
    const known = image('debian-known', tags('b1', '0000000001'));
    await site.put(uploadPath(key), upload({ external_id: known.id }));
    image('debian-arriving', tags('b1', '0000000002'));
    const uploading = { state: 'uploading', external_id: null };
    await site.put(uploadPath({ ...key, upload: '0000000002' }), upload(uploading));
    image('debian-left', tags('b0', '0000000001'));
    image('of-somebody-else');
  });
  after(async () => {
    await site.close();
    await openstack.close();
  });

  it('shows images with our tags that no upload accounts for', async () => {
    const { code, out, err } = await site.ours('alien-image-list', PROVIDER);
    assert.deepEqual([code, err], [0, '']);
    const left = cloud.images.images.all().find(({ name }) => name === 'debian-left')?.id ?? '';
    const id = `-${'-'.repeat(left.length)}-`;
    assert.equal(
      out,
      [
        `+---------------+-------------+${id}+`,
        `| Provider      | Name        | Image ID${' '.repeat(left.length - 8)} |`,
        `+---------------+-------------+${id}+`,
        `| ${PROVIDER} | debian-left | ${left} |`,
        `+---------------+-------------+${id}+`,
        '',
      ].join('\n'),
    );
  });

  it('shows those of all clouds that answer, and names the others', async () => {
    const { code, out, err } = await site.ours('alien-image-list', '--json');
    assert.equal(code, 0);
    const rows = JSON.parse(out) as Record<string, string>[];
    assert.deepEqual(
      rows.map(({ provider, name }) => [provider, name]),
      [[PROVIDER, 'debian-left']],
    );
    assert.match(err, /^nodepool: Exception listing alien images for away: .*elsewhere/);
    assert.doesNotMatch(err, /hosts|\n +at /);
  });

  for (const [name, problem] of [
    ['nobody', /there is no provider nobody; .* has openstack-one, away, hosts\n$/],
    ['hosts', /provider hosts keeps no images\n$/],
  ] as const)
    it(`has an empty table for ${name}, and says why`, async () => {
      const { code, out, err } = await site.ours('alien-image-list', name);
      assert.equal(code, 0);
      assert.equal(out.split('\n').length, 4 + 1);
      assert.match(err, problem);
    });
});
