/** The drivers of clusters in a launcher with configurations that cannot work; more of them in test/real/clouds. */
import { misconfiguredCloud } from '../../support/cloud-misconfigured.ts';
import { CONTEXT, KubeSite, PROVIDER } from '../../support/kube-site.ts';

const closings: (() => Promise<void>)[] = [];

const mend = (site: KubeSite): Promise<void> => site.writeKubeconfig();

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
      what: 'the token is none',
      break: (site) => site.writeKubeconfig({ token: 'mistyped' }),
      words: [/status 401: Unauthorized/],
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
      what: 'GPU',
      label: { gpu: 0.5, 'gpu-resource': 'nvidia.com/gpu' },
      words: [/nvidia\.com\/gpu.*must be an integer/],
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
