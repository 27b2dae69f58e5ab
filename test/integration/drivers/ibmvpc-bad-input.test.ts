/** The `ibmvpc` driver in a launcher with a configuration that asks for what there is not. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';

import { IbmSite, IMAGE, PROVIDER } from '../../support/ibm-site.ts';
import { misconfiguredCloud } from '../../support/cloud-misconfigured.ts';

const GROUP = `np_${PROVIDER}_main`;
const CREDENTIALS = /ibm-credentials\.env/;
const NEWER = { ...IMAGE, name: 'newer' };

misconfiguredCloud<IbmSite>({
  driver: 'ibmvpc',
  provider: PROVIDER,
  open: () => IbmSite.open(),
  ofProvider: [
    {
      what: 'there is no file with the credentials',
      break: (site) => rm(site.credentialsPath),
      words: [CREDENTIALS, /cannot be read: ENOENT/, /correct credentials-file/],
      mend: (site) => site.writeCredentials(),
    },
    {
      what: 'the API key is wrong',
      break: (site) => site.writeCredentials({ VPC_APIKEY: 'mistyped' }),
      words: [CREDENTIALS, /BXNIM0415E: Provided API key could not be found/],
      mend: (site) => site.writeCredentials(),
    },
    {
      what: 'the VPC is none',
      provider: { vpc: 'absent' },
      words: [/there is no VPC absent in us-south/, /there are: ci-vpc, other-vpc/],
      mend: ({ cloud: { catalog } }) => {
        const found = catalog.vpcs.find(({ name }) => name === 'ci-vpc');
        if (found) catalog.vpcs.push({ ...found, name: 'absent' });
      },
    },
    {
      what: 'the subnet is none',
      provider: { subnet: 'absent' },
      words: [/pool main: there is no subnet absent in the VPC/, /ci-subnet-1 \(us-south-1\)/],
      mend: ({ cloud: { catalog } }) => {
        const found = catalog.subnets.find(({ name }) => name === 'ci-subnet-1');
        if (found) catalog.subnets.push({ ...found, name: 'absent' });
      },
    },
  ],
  ofLabel: [
    {
      what: 'profile',
      label: { profile: 'bx2-9x99' },
      words: [/there is no profile bx2-9x99/],
      mend: ({ cloud: { catalog } }) => {
        catalog.profiles.push({ name: 'bx2-9x99', cores: 9, ram: 99 });
      },
    },
    {
      what: 'image by its name',
      provider: { 'cloud-images': [IMAGE, { ...NEWER, 'image-name': 'image-2' }] },
      label: { 'cloud-image': 'newer' },
      words: [/cloud image not found.*image-2/],
      mend: ({ cloud: { plant } }) => plant.image({ name: 'image-2' }),
    },
  ],
  ofLaunch: [
    {
      what: 'key',
      provider: { 'cloud-images': [IMAGE, { ...NEWER, keys: ['ci-key', 'absent'] }] },
      label: { 'cloud-image': 'newer' },
      words: [/there is no key absent in the region/, /there are: ci-key, other-key, second-key/],
      mend: ({ cloud: { catalog } }) => {
        catalog.keys.push({ id: 'r006-key-absent', name: 'absent' });
      },
    },
    {
      what: 'image by its id',
      provider: {
        'cloud-images': [IMAGE, { ...NEWER, 'image-name': undefined, 'image-id': 'r006_image-2' }],
      },
      label: { 'cloud-image': 'newer' },
      words: [/not_found: Image r006_image-2 not found/],
      mend: ({ cloud: { images } }) => {
        const [image] = images.images.all();
        if (image) images.images.add({ ...image, id: 'r006_image-2', name: 'image-2' });
      },
    },
  ],
  changes: [
    {
      what: 'goes on with the API key that the file has now where the old one is refused',
      steps: [
        (site) => {
          site.cloud.iam.apiKey = 'rotated';
          site.cloud.iam.revokeAll();
          return site.writeCredentials({ VPC_APIKEY: 'rotated' });
        },
      ],
    },
    {
      what: 'goes on in a new resource group where somebody has deleted that of the pool',
      steps: [
        ({ cloud: { resources } }) => {
          for (const { id, name } of resources.groups.values())
            if (name === GROUP) resources.groups.delete(id);
        },
      ],
      after: ({ cloud: { resources, instances } }) => {
        const group = resources.groupNamed(GROUP).id;
        const groups = instances.instances.all().map(({ groupId }) => groupId);
        assert.equal(groups.filter((id) => id === group).length, 1);
      },
    },
    {
      what: 'serves a request though the image that was chosen has been replaced',
      provider: { 'cloud-images': [{ ...IMAGE, 'image-name': 'golden' }] },
      // The list of images is kept.
      intervals: { 'image-check': 600 },
      before: ({ cloud: { plant } }) => plant.image({ name: 'golden' }),
      steps: [
        ({ cloud: { images, plant } }) => {
          for (const { id, name } of images.images.all())
            if (name === 'golden') images.images.delete(id);
          plant.image({ name: 'golden' });
        },
      ],
      after: ({ cloud }) => {
        const asked = cloud.calls.filter((call) => call === 'POST instances');
        assert.equal(asked.length, 3, 'once in vain');
      },
    },
  ],
});
