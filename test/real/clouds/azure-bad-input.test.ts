/** The `azure` driver in a launcher with configurations that cannot work, beside those that CI sees. */
import { writeFile } from 'node:fs/promises';

import { GROUP } from '../../../fixtures/azure-cloud/ground.ts';
import { AzureSite, IMAGE, PROVIDER } from '../../support/azure-site.ts';
import { misconfiguredCloud } from '../../support/cloud-misconfigured.ts';

const AUTH = /auth\.json/;

misconfiguredCloud<AzureSite>({
  driver: 'azure',
  provider: PROVIDER,
  open: () => AzureSite.open(),
  ofProvider: [
    {
      what: 'the file is no JSON',
      break: (site) => writeFile(site.authPath, 'clientSecret: mistyped'),
      words: [AUTH, /is no JSON/],
      mend: (site) => site.writeAuth(),
    },
    {
      what: 'the file lacks a part',
      break: (site) => site.writeAuth({ clientSecret: 'mistyped', subscriptionId: undefined }),
      words: [AUTH, /subscriptionId/],
      mend: (site) => site.writeAuth(),
    },
    {
      what: 'the tenant is none',
      break: (site) => site.writeAuth({ tenantId: '11111111-2222-4333-8444-555555555555' }),
      words: [AUTH, /AADSTS90002: Tenant '11111111-.*' not found/],
      mend: (site) => site.writeAuth(),
    },
    {
      what: 'the subscription is none',
      break: (site) => site.writeAuth({ subscriptionId: '11111111-2222-4333-8444-555555555555' }),
      words: [/subscription '11111111-.*' could not be found/],
      mend: (site) => site.writeAuth(),
    },
    {
      what: 'the resource group is none',
      provider: {
        'resource-group': 'absent',
        network: { 'resource-group': GROUP, network: 'network' },
      },
      words: [/Resource group 'absent' could not be found/],
      mend: ({ cloud }) => cloud.groups.add('absent'),
    },
  ],
  ofLaunch: [
    {
      what: 'user',
      provider: { 'cloud-images': [IMAGE, { ...IMAGE, name: 'newer', username: 'admin' }] },
      label: { 'cloud-image': 'newer' },
      words: [/InvalidParameter.*The Admin Username specified is not allowed/],
    },
  ],
});
