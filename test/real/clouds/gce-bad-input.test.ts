/** The `gce` driver in a launcher with configurations that cannot work, beside those that CI sees. */
import { writeFile } from 'node:fs/promises';

import { misconfiguredCloud } from '../../support/cloud-misconfigured.ts';
import { GceSite, IMAGE, PROVIDER } from '../../support/gce-site.ts';

const KEY = /key\.json/;

misconfiguredCloud<GceSite>({
  driver: 'gce',
  provider: PROVIDER,
  open: () => GceSite.open(),
  ofProvider: [
    {
      what: 'the file is no JSON',
      break: (site) => writeFile(site.keyPath, 'private_key: mistyped'),
      words: [KEY, /is no JSON/],
      mend: (site) => site.writeKey(),
    },
    {
      what: 'the file lacks a part',
      break: (site) => site.writeKey({ client_email: undefined }),
      words: [KEY, /client_email/],
      mend: (site) => site.writeKey(),
    },
    {
      what: 'the key in the file is none',
      break: (site) => site.writeKey({ private_key: 'mistyped' }),
      words: [KEY],
      mend: (site) => site.writeKey(),
    },
    {
      what: 'the account is none',
      break: (site) => site.writeKey({ client_email: 'nobody@example.com' }),
      words: [KEY, /invalid_grant.*account not found/],
      mend: (site) => site.writeKey(),
    },
    {
      what: 'the API is switched off',
      break: ({ cloud }) => {
        cloud.api.isEnabled = false;
      },
      words: [/accessNotConfigured/, /enable the Compute Engine API/],
      mend: ({ cloud }) => {
        cloud.api.isEnabled = true;
      },
    },
    {
      what: 'the account may not look at the region',
      break: ({ cloud }) => cloud.api.denied.add('GET regions/*'),
      words: [/forbidden: Required 'compute.regions.get' permission/, /Compute Instance Admin/],
      mend: ({ cloud }) => cloud.api.denied.delete('GET regions/*'),
    },
  ],
  ofLaunch: [
    {
      what: 'size of its disk',
      provider: {
        'cloud-images': [
          IMAGE,
          { name: 'large', username: 'zuul', 'image-id': 'global/images/golden' },
        ],
      },
      label: { 'cloud-image': 'large', 'volume-size': 10 },
      words: [/Requested disk size cannot be smaller than the image size \(20 GB\)/],
    },
  ],
  ofPool: [
    {
      what: 'network',
      break: ({ cloud: { compute } }) => compute.networks.delete('default'),
      words: [/global\/networks\/default' was not found/],
      mend: ({ cloud: { compute } }) => compute.networks.add('default'),
    },
  ],
});
