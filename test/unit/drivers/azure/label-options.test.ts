/** What labels and images can say, before an Azure that looks at all that it is asked for. */
import assert from 'node:assert/strict';

import { GROUP, SUBSCRIPTION } from '../../../../fixtures/azure-cloud/ground.ts';
import type { Machine } from '../../../../fixtures/azure-cloud/compute/machine.ts';
import type { Provider } from '../../../../shared/drivers/driver.ts';
import { launchSpec } from '../../../support/launch-spec.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { azureSubject, type AzureSubject } from './subject.ts';

const IMAGE_ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}/providers/Microsoft.Compute/images/golden`;

const IMAGES: Readonly<Record<string, string>> = {
  id: `image-id: ${IMAGE_ID}`,
  filter: 'image-filter: {location: West Europe, tags: {kind: golden}}',
  community: 'community-gallery-image: {gallery-name: gallery-1, name: debian-12}',
  shared: "shared-gallery-image: {gallery-name: gallery-2, name: rocky-9, version: '1.0'}",
};

const KEY = 'key: ssh-rsa AAAAB3 somebody';
const LABELS = [
  'name: data, cloud-image: id, custom-data: "#!/bin/sh\\nécho", user-data: hello',
  'name: disk, cloud-image: id, volume-size: 100',
  "name: tags, cloud-image: id, tags: {team: red}, dynamic-tags: {who: '{request.tenant_name}'}",
  'name: password, cloud-image: password',
  'name: generated, cloud-image: generated',
];

describe('labels of azure', () => {
  let subject: AzureSubject;
  let provider: Provider;

  beforeEach(async () => {
    const images = Object.entries(IMAGES).map(
      ([name, source]) => `name: ${name}, ${KEY}, ${source}`,
    );
    const ofImages = Object.keys(IMAGES).map((name) => `name: ${name}, cloud-image: ${name}`);
    subject = azureSubject({}, '', {
      images: [
        ...images,
        `name: password, password: Secret-123, image-id: ${IMAGE_ID}`,
        `name: generated, generate-password: true, image-id: ${IMAGE_ID}`,
      ],
      labels: [...ofImages, ...LABELS],
    });
    subject.cloud.plant.image({ name: 'golden', tags: { kind: 'golden' } });
    provider = await settleByTurning(subject.clock, subject.connect());
  });
  afterEach(async () => {
    await provider.close();
    subject.close();
  });

  const launch = async (label: string, zone?: string): Promise<Machine> => {
    const spec = launchSpec(subject.config, label, { availabilityZone: zone });
    const launching = Promise.resolve(provider.launch?.(spec, new AbortController().signal));
    const made = await settleByTurning(subject.clock, launching);
    const [machine] = subject.cloud.compute.machines.all();
    assert.ok(machine);
    assert.equal(machine.name, made?.externalId);
    return machine;
  };

  it('boot from images of each kind', async () => {
    const referenceOf = async (label: string): Promise<unknown> => {
      const { request } = await launch(label);
      subject.cloud.vanish('np0000000001');
      return request.properties.storageProfile.imageReference;
    };
    assert.deepEqual(await referenceOf('id'), { id: IMAGE_ID });
    assert.deepEqual(await referenceOf('filter'), { id: IMAGE_ID });
    assert.deepEqual(await referenceOf('community'), {
      communityGalleryImageId: '/CommunityGalleries/gallery-1/Images/debian-12',
    });
    assert.deepEqual(await referenceOf('shared'), {
      sharedGalleryImageId: '/SharedGalleries/gallery-2/Images/rocky-9/Versions/1.0',
    });
    assert.deepEqual(await referenceOf('marketplace'), {
      ...{ publisher: 'Canonical', offer: 'ubuntu-24_04-lts', sku: 'server', version: 'latest' },
    });
  });

  it('give data of any kind to machines', async () => {
    const { request } = await launch('data');
    const { osProfile, userData } = request.properties;
    const decoded = (text = ''): string => Buffer.from(text, 'base64').toString();
    assert.equal(decoded(osProfile?.customData), '#!/bin/sh\nécho');
    assert.equal(decoded(userData), 'hello');
  });

  it('choose the size of the disk', async () => {
    const { disk } = await launch('disk');
    assert.deepEqual([disk?.sizeGb, disk?.goesWithMachine], [100, true]);
  });

  it('have tags, which all parts of a machine have', async () => {
    const { tags, nics, disk } = await launch('tags');
    assert.deepEqual([tags.team, tags.nodepool_node_id], ['red', '0000000001']);
    assert.ok('who' in tags);
    assert.deepEqual([disk?.tags, nics[0]?.tags], [tags, tags]);
  });

  it('let users in with passwords', async () => {
    const password = async (label: string): Promise<string | undefined> => {
      const { request } = await launch(label);
      subject.cloud.vanish('np0000000001');
      return request.properties.osProfile?.adminPassword;
    };
    assert.equal(await password('password'), 'Secret-123');
    const [first, second] = [await password('generated'), await password('generated')];
    assert.match(first ?? '', /^[A-Za-z0-9]{64}$/);
    assert.notEqual(first, second);
  });

  it('are served in zones', async () => {
    const { request } = await launch('marketplace', '2');
    assert.deepEqual(request.zones, ['2']);
  });
});
