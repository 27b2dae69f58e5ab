/** The `gce` driver in a launcher with a configuration that asks for what there is not. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';

import { ZONE } from '../../../fixtures/gce-cloud/ground.ts';
import { misconfiguredCloud } from '../../support/cloud-misconfigured.ts';
import { GceSite, IMAGE, PROVIDER } from '../../support/gce-site.ts';

const KEY = /key\.json/;
const NEWER = 'debian-12-v9';
/** `cloud-images` with one more, which there is not. */
const newer = (fields: Readonly<Record<string, unknown>>) => ({
  'cloud-images': [IMAGE, { name: 'newer', username: 'zuul', ...fields }],
});

misconfiguredCloud<GceSite>({
  driver: 'gce',
  provider: PROVIDER,
  open: () => GceSite.open(),
  ofProvider: [
    {
      what: 'there is no file with the credentials',
      break: (site) => rm(site.keyPath),
      words: [KEY, /cannot be read: ENOENT/, /GOOGLE_APPLICATION_CREDENTIALS/],
      mend: (site) => site.writeKey(),
    },
    {
      what: 'the key is void',
      break: (site) => {
        site.cloud.login.rotate();
      },
      words: [KEY, /invalid_grant.*Invalid JWT Signature/],
      mend: (site) => site.writeKey(),
    },
    {
      what: 'the project is none',
      provider: { project: 'absent-project' },
      words: [/projects\/absent-project' was not found/],
      mend: ({ cloud: { api } }) => api.projects.add('absent-project'),
    },
  ],
  ofLabel: [
    {
      what: 'type',
      label: { 'instance-type': 'n9-standard-1' },
      words: [/zone europe-west4-a has no machine type n9-standard-1/],
      mend: ({ cloud: { compute } }) =>
        compute.types.push({ name: 'n9-standard-1', cores: 1, ramMb: 1024 }),
    },
    {
      what: 'image by its family',
      provider: newer({ 'image-project': 'debian-cloud', 'image-family': 'debian-99' }),
      label: { 'cloud-image': 'newer' },
      words: [/debian-99/, /debian-cloud/],
      mend: ({ cloud: { plant } }) => {
        plant.image({ name: 'debian-99-v1', project: 'debian-cloud', family: 'debian-99' });
      },
    },
  ],
  ofLaunch: [
    {
      what: 'image by its id',
      provider: newer({ 'image-id': 'projects/debian-cloud/global/images/absent' }),
      label: { 'cloud-image': 'newer' },
      words: [/projects\/debian-cloud\/global\/images\/absent' was not found/],
      mend: ({ cloud: { plant } }) => {
        plant.image({ name: 'absent', project: 'debian-cloud' });
      },
    },
    {
      what: 'type of disk',
      label: { 'volume-type': 'pd-floppy' },
      words: [new RegExp(`zones/${ZONE}/diskTypes/pd-floppy`)],
    },
  ],
  changes: [
    {
      what: 'goes on with the key that the file has now where the old one is refused',
      steps: [
        (site) => {
          site.cloud.login.rotate();
          return site.writeKey();
        },
      ],
    },
    {
      what: 'boots from the newest image of the family, which is another one now',
      intervals: { 'image-check': 0.01 },
      steps: [
        ({ cloud: { plant } }) => {
          plant.image({ name: NEWER, project: 'debian-cloud', family: 'debian-12' });
        },
      ],
      after: (site) => {
        assert.match(sourcesOf(site).at(-1) ?? '', new RegExp(`/${NEWER}$`));
      },
    },
    {
      what: 'serves a request though the image that was chosen has been replaced',
      // What is chosen is kept.
      intervals: { 'image-check': 600 },
      steps: [
        ({ cloud: { compute, plant } }) => {
          compute.images = [];
          plant.image({ name: NEWER, project: 'debian-cloud', family: 'debian-12' });
        },
      ],
      after: (site) => {
        assert.match(sourcesOf(site).at(-1) ?? '', new RegExp(`/${NEWER}$`));
        const asked = site.cloud.calls.filter((call) => call === 'POST instances');
        assert.equal(asked.length, 3, 'once in vain');
      },
    },
  ],
});

/** What the instances boot from, in the order in which they were made. */
function sourcesOf({ cloud: { compute } }: GceSite): (string | undefined)[] {
  const { instances } = compute;
  return instances.all().map(({ request }) => request?.disks?.[0]?.initializeParams?.sourceImage);
}
