/** The drivers of clusters in a launcher with configurations that cannot work. */
import { rm, writeFile } from 'node:fs/promises';

import { misconfiguredCloud } from '../../support/cloud-misconfigured.ts';
import { CONTEXT, KubeSite, PROVIDER } from '../../support/kube-site.ts';

const closings: (() => Promise<void>)[] = [];

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
      what: 'the kubeconfig has no such context',
      break: (site) => site.writeKubeconfig({ contexts: ['theirs', 'others'] }),
      words: [/kubeconfig/, new RegExp(CONTEXT), /theirs/, /others/],
      mend,
    },
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
      what: 'the token is none',
      break: (site) => site.writeKubeconfig({ token: 'mistyped' }),
      words: [/status 401: Unauthorized/],
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
      what: 'image',
      label: { image: 'Not An Image' },
      words: [/cannot start: InvalidImageName/, /Not An Image/],
    },
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
      what: 'GPU',
      label: { gpu: 0.5, 'gpu-resource': 'nvidia.com/gpu' },
      words: [/nvidia\.com\/gpu.*must be an integer/],
    },
    {
      what: 'volume',
      label: { 'volume-mounts': [{ name: 'cache', mountPath: '/cache' }] },
      words: [/volumeMounts\[0\]\.name: Not found: .*cache/],
    },
  ],
});

misconfiguredCloud<KubeSite>({
  driver: 'openshift',
  provider: PROVIDER,
  open: () => KubeSite.open('openshift'),
  ofProvider: [
    {
      what: 'the cluster is no OpenShift',
      break: async (site) => {
        const plain = await KubeSite.open('kubernetes');
        await site.writeKubeconfig({
          server: plain.origin,
          authority: plain.authority,
          token: plain.cloud.access.token,
        });
        closings.push(() => plain.close());
      },
      words: [/project/],
      mend,
    },
  ],
});

misconfiguredCloud<KubeSite>({
  driver: 'openshiftpods',
  provider: PROVIDER,
  open: () => KubeSite.open('openshiftpods'),
  ofPool: [
    {
      what: 'project',
      break: ({ cloud }) => {
        cloud.vanish('main');
      },
      words: [/namespaces \\?"main\\?" not found/],
      mend: ({ cloud }) => cloud.plant.namespace({ name: 'main' }),
    },
  ],
});

after(async () => {
  for (const close of closings) await close();
});
