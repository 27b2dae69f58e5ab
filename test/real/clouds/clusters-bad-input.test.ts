/** The `kubernetes` driver in a launcher with configurations that cannot work, beside those that CI sees. */
import { rm, writeFile } from 'node:fs/promises';

import { misconfiguredCloud } from '../../support/cloud-misconfigured.ts';
import { KubeSite, PROVIDER } from '../../support/kube-site.ts';

const mend = (site: KubeSite): Promise<void> => site.writeKubeconfig();

/** Of nobody here. */
const OTHER_AUTHORITY = `-----BEGIN CERTIFICATE-----
MIIBjzCCATWgAwIBAgIUV/3N2BSFpp2vR/mef6rm8WbIt1IwCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRYW5vdGhlciBhdXRob3JpdHkwIBcNMjYxMTI5MjEyNjE4WhgP
MjEyNjExMDUyMTI2MThaMBwxGjAYBgNVBAMMEWFub3RoZXIgYXV0aG9yaXR5MFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEROzpVxKUCcvmdZG1Znmdd6KCFSI/+Ily
hEnglnCAhAgOOvUmamx7SeIfVDa4jh7JXE5D1Yh6EwbeJBOkbF6ziaNTMFEwHQYD
VR0OBBYEFMWJtnw4siDvC6X30zo43riD5x7RMB8GA1UdIwQYMBaAFMWJtnw4siDv
C6X30zo43riD5x7RMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIg
VCkHpPgjhM2SSB0UPime8UliKA04zloEWChWMovSqDkCIQDJwYiuyL+sRj0hPHmO
lTTkPevbCmrhtXZXzeTNWgOu2Q==
-----END CERTIFICATE-----
`;

misconfiguredCloud<KubeSite>({
  driver: 'kubernetes',
  provider: PROVIDER,
  open: () => KubeSite.open('kubernetes'),
  ofProvider: [
    {
      what: 'the kubeconfig is not there',
      break: (site) => rm(site.kubeconfig),
      words: [/kubeconfig/],
      mend,
    },
    {
      what: 'the kubeconfig is no YAML',
      break: (site) => writeFile(site.kubeconfig, 'users: [token: mistyped'),
      words: [/kubeconfig/],
      mend,
    },
    {
      what: 'nobody has such a host',
      break: (site) => site.writeKubeconfig({ server: 'https://cluster.invalid' }),
      words: [/cluster\.invalid/],
      mend,
    },
    {
      what: 'the authority is another one',
      break: (site) => site.writeKubeconfig({ authority: OTHER_AUTHORITY }),
      words: [/certificate/i],
      mend,
    },
  ],
  ofLaunch: [
    {
      what: 'label',
      label: { labels: { team: 'red team' } },
      words: [/metadata\.labels: Invalid value: .*red team/],
    },
    {
      what: 'limit',
      label: { cpu: 2, 'cpu-limit': 1 },
      words: [/must be less than or equal to cpu limit of 1/],
    },
    {
      what: 'volume',
      label: { 'volume-mounts': [{ name: 'cache', mountPath: '/cache' }] },
      words: [/volumeMounts\[0\]\.name: Not found: .*cache/],
    },
  ],
});
