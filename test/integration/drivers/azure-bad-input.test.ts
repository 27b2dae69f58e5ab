/** The `azure` driver in a launcher with a configuration that asks for what there is not. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';

import { GROUP, SUBSCRIPTION } from '../../../fixtures/azure-cloud/ground.ts';
import { AzureSite, IMAGE, PROVIDER } from '../../support/azure-site.ts';
import { misconfiguredCloud } from '../../support/cloud-misconfigured.ts';

const AUTH = /auth\.json/;

misconfiguredCloud<AzureSite>({
  driver: 'azure',
  provider: PROVIDER,
  open: () => AzureSite.open(),
  ofProvider: [
    {
      what: 'there is no file with the service principal',
      break: (site) => rm(site.authPath),
      words: [AUTH, /cannot be read: ENOENT/, /az ad sp create-for-rbac/],
      mend: (site) => site.writeAuth(),
    },
    {
      what: 'the secret is wrong',
      break: (site) => site.writeAuth({ clientSecret: 'mistyped' }),
      words: [AUTH, /AADSTS7000215: Invalid client secret provided/],
      mend: (site) => site.writeAuth(),
    },
    {
      what: 'the subnet is none',
      provider: { network: { network: 'network', subnet: 'absent' } },
      words: [/no subnet absent in network network of resource group nodepool/],
      mend: ({ cloud: { network } }) => {
        const [subnet] = network.subnets;
        if (subnet) network.subnets.push({ ...subnet, name: 'absent' });
      },
    },
  ],
  ofLabel: [
    {
      what: 'size',
      label: { 'hardware-profile': { 'vm-size': 'Standard_Huge' } },
      words: [/there is no vm-size Standard_Huge/],
      mend: ({ cloud: { compute } }) => {
        const [size] = compute.sizes;
        if (size) compute.sizes.push({ ...size, name: 'Standard_Huge' });
      },
    },
    {
      what: 'image by its filter',
      provider: {
        'cloud-images': [
          IMAGE,
          {
            ...IMAGE,
            name: 'newer',
            'image-reference': undefined,
            'image-filter': { name: 'image-2' },
          },
        ],
      },
      label: { 'cloud-image': 'newer' },
      words: [/cloud image not found.*"filter":"name: image-2"/],
      mend: ({ cloud: { plant } }) => plant.image({ name: 'image-2' }),
    },
  ],
  ofLaunch: [
    {
      what: 'image by its id',
      provider: {
        'cloud-images': [
          IMAGE,
          {
            ...{ ...IMAGE, name: 'newer', 'image-reference': undefined },
            'image-id': `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}/providers/Microsoft.Compute/images/image-2`,
          },
        ],
      },
      label: { 'cloud-image': 'newer' },
      words: [/InvalidParameter.*images\/image-2' cannot be found/],
      mend: ({ cloud: { plant } }) => plant.image({ name: 'image-2' }),
    },
  ],
  changes: [
    {
      what: 'goes on with the secret that the file has now where the old one is refused',
      steps: [
        (site) => {
          const { login } = site.cloud;
          login.secret = 'rotated';
          login.revokeAll();
          return site.writeAuth({ clientSecret: 'rotated' });
        },
      ],
    },
    {
      what: 'serves a request though the image that was chosen has been replaced',
      provider: {
        'cloud-images': [
          { ...IMAGE, 'image-reference': undefined, 'image-filter': { tags: { kind: 'golden' } } },
        ],
      },
      // The list of images is kept.
      intervals: { 'image-check': 600 },
      before: ({ cloud: { plant } }) => plant.image({ name: 'golden-1', tags: { kind: 'golden' } }),
      steps: [
        ({ cloud: { images, plant } }) => {
          for (const one of images.all()) if (one.tags.kind === 'golden') images.delete(one);
          plant.image({ name: 'golden-0', tags: { kind: 'golden' } });
        },
      ],
      after: ({ cloud }) => {
        const asked = cloud.calls.filter((call) => call === 'PUT virtualMachines/*');
        assert.equal(asked.length, 3, 'once in vain');
      },
    },
  ],
});
