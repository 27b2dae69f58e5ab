/** The `aws` driver in a launcher with configurations that cannot work, beside those that CI sees. */
import { AwsSite, PROVIDER } from '../../support/aws-site.ts';
import { misconfiguredCloud } from '../../support/cloud-misconfigured.ts';

const KEY_ID = 'AKIAMISTYPEDEXAMPLE';
const GROUP = 'sg-0f0f0f0f0f0f0f0f0';

misconfiguredCloud<AwsSite>({
  driver: 'aws',
  provider: PROVIDER,
  open: () => AwsSite.open(),
  ofProvider: [
    {
      what: 'AWS does not know the key',
      break: (site) => site.writeCredentials({ accessKeyId: KEY_ID, secretAccessKey: 'mistyped' }),
      words: [/AuthFailure, status 401/, /profile-name/],
      mend: (site) => site.writeCredentials(site.cloud.accessKey),
    },
    {
      what: 'the profile has no credentials',
      break: (site) => site.writeCredentials(site.cloud.accessKey, 'another'),
      words: [/profile memory/i, /credentials/],
      mend: (site) => site.writeCredentials(site.cloud.accessKey),
    },
  ],
  ofLaunch: [
    {
      what: 'instance profile',
      label: { 'iam-instance-profile': { name: 'absent' } },
      words: [/Invalid IAM Instance Profile name/, /iam-instance-profile/],
      mend: ({ cloud: { catalog } }) => catalog.profiles.add('absent'),
    },
  ],
  ofPool: [
    {
      what: 'security-group-id',
      pool: { 'security-group-id': GROUP },
      words: [/InvalidGroup.NotFound/, /correct security-group-id of the pool/],
      mend: ({ cloud: { catalog } }) => catalog.groups.add(GROUP),
    },
  ],
  changes: [
    {
      what: 'serves a request though the image has been replaced',
      steps: [
        ({ cloud: { images, plant } }) => {
          for (const { id } of images.images.all()) images.images.delete(id);
          plant.image({ name: 'image' });
        },
      ],
    },
  ],
});
