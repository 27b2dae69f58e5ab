/** The `aws` driver in a launcher with a configuration that asks for what there is not. */
import { AwsSite, PROVIDER } from '../../support/aws-site.ts';
import { misconfiguredCloud } from '../../support/cloud-misconfigured.ts';

const SUBNET = 'subnet-0f0f0f0f0f0f0f0f0';

misconfiguredCloud<AwsSite>({
  driver: 'aws',
  provider: PROVIDER,
  open: () => AwsSite.open(),
  ofProvider: [
    {
      what: 'the secret is wrong',
      break: (site) =>
        site.writeCredentials({ ...site.cloud.accessKey, secretAccessKey: 'mistyped' }),
      words: [/AuthFailure, status 401/, /correct the credentials of provider aws-one/],
      mend: (site) => site.writeCredentials(site.cloud.accessKey),
    },
  ],
  ofLabel: [
    {
      what: 'instance type',
      label: { 'instance-type': 'm9.large' },
      words: [/InvalidInstanceType|instance-type/, /m9\.large/],
      mend: ({ cloud: { catalog } }) => {
        const [type] = catalog.types;
        if (type) catalog.types.push({ ...type, name: 'm9.large' });
      },
    },
    {
      what: 'image',
      provider: {
        'cloud-images': [
          ['image', 'image'],
          ['newer', 'image-2'],
        ].map(([name, value]) => ({
          ...{ name, username: 'zuul', 'image-filters': [{ name: 'name', values: [value] }] },
        })),
      },
      label: { 'cloud-image': 'newer' },
      words: [/cloud image not found.*"image":"newer"/, /image-2/],
      mend: ({ cloud: { plant } }) => plant.image({ name: 'image-2' }),
    },
  ],
  ofLaunch: [
    {
      what: 'key pair',
      label: { 'key-name': 'absent' },
      words: [/InvalidKeyPair.NotFound.*'absent' does not exist/, /key-name/],
      mend: ({ cloud: { catalog } }) => catalog.keyPairs.add('absent'),
    },
  ],
  ofPool: [
    {
      what: 'subnet-id',
      pool: { 'subnet-id': SUBNET },
      words: [/InvalidSubnetID.NotFound/, /correct subnet-id of the pool/],
      mend: ({ cloud: { catalog } }) =>
        catalog.subnets.push({ id: SUBNET, zone: 'us-west-2a', hasIpv6: true }),
    },
  ],
  changes: [
    {
      what: 'goes on with the keys that the profile has now where the old ones are refused',
      steps: [
        (site) => {
          const { cloud } = site;
          cloud.accessKey = { accessKeyId: 'AKIAROTATEDEXAMPLE', secretAccessKey: 'rotated' };
          return site.writeCredentials(cloud.accessKey);
        },
      ],
    },
  ],
});
