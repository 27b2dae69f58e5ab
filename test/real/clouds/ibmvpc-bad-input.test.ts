/** The `ibmvpc` driver in a launcher with configurations that cannot work, beside those that CI sees. */
import { writeFile } from 'node:fs/promises';

import { IbmSite, IMAGE, PROVIDER } from '../../support/ibm-site.ts';
import { misconfiguredCloud } from '../../support/cloud-misconfigured.ts';

misconfiguredCloud<IbmSite>({
  driver: 'ibmvpc',
  provider: PROVIDER,
  open: () => IbmSite.open(),
  ofProvider: [
    {
      what: 'the file of credentials says nothing',
      break: (site) => writeFile(site.credentialsPath, '# mistyped\n'),
      words: [/has no credentials/, /name a file with VPC_APIKEY/],
      mend: (site) => site.writeCredentials(),
    },
    {
      what: 'the subnet is in another zone',
      provider: { zone: 'us-south-2' },
      words: [/subnet ci-subnet-1 is in zone us-south-1, not in us-south-2/],
      mend: ({ cloud: { catalog } }) => {
        catalog.subnets = catalog.subnets.map((one) =>
          one.name === 'ci-subnet-1' ? { ...one, zone: 'us-south-2' } : one,
        );
      },
    },
    {
      what: 'nobody lets us make resource groups',
      break: ({ cloud }) => {
        cloud.arm({
          ...{ call: 'POST resource_groups', mode: 'fail', status: 403, times: 1000 },
          ...{ code: 'FORBIDDEN', message: 'You are not authorized.' },
        });
      },
      words: [/resource group np_ibm-one_main is missing, and cannot be made/],
      mend: ({ cloud }) => cloud.resources.addGroup('np_ibm-one_main'),
    },
  ],
  ofLabel: [
    {
      what: 'image by its filter',
      provider: {
        'cloud-images': [
          IMAGE,
          {
            ...{ ...IMAGE, name: 'newer', 'image-name': undefined },
            'image-filter': {
              'owner-type': 'user',
              'operating-system': { family: 'Debian GNU/Linux' },
            },
          },
        ],
      },
      label: { 'cloud-image': 'newer' },
      words: [/cloud image not found/],
      mend: ({ cloud: { plant } }) => plant.image({ name: 'image-2' }),
    },
  ],
});
