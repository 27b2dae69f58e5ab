/**
 * The drivers of clusters in a launcher where the cluster has no room: a request waits for as long as a
 * quota is used up, and no attempt is counted.
 */
import { waitForRoom } from '../../support/cloud-life.ts';
import { KubeSite, type KubeDriver } from '../../support/kube-site.ts';
import type { Fields } from '../../support/cloud-site.ts';

interface Case {
  readonly driver: KubeDriver;
  readonly what: string;
  readonly label?: Fields;
  /** Room for two nodes. */
  readonly limit: (site: KubeSite) => void;
  /** Takes what one of them needs. */
  readonly fill: (site: KubeSite) => unknown;
  readonly refused: string;
  /** In the log. */
  readonly words: RegExp;
}

const CASES: readonly Case[] = [
  {
    driver: 'kubernetes',
    what: 'namespaces',
    label: { type: 'namespace' },
    limit: ({ cloud }) => {
      cloud.limits = { instances: 2 };
    },
    fill: ({ cloud }) => cloud.plant.namespace(),
    refused: 'POST namespaces',
    words: /namespaces \\"main-\d+\\" is forbidden: exceeded quota: spaces/,
  },
  {
    driver: 'openshift',
    what: 'projects',
    limit: ({ cloud }) => {
      cloud.limits = { instances: 2 };
    },
    fill: ({ cloud }) => cloud.plant.namespace(),
    refused: 'POST projectrequests',
    words: /user nodepool cannot create more than 2 project\(s\)/,
  },
  {
    driver: 'openshiftpods',
    what: 'pods',
    limit: ({ cloud }) => {
      cloud.plant.quota('main', { pods: '2' });
    },
    fill: ({ cloud }) => cloud.plant.pod('main'),
    refused: 'POST pods',
    words: /exceeded quota: quota, requested: pods=1, used: pods=2, limited: pods=2/,
  },
];

describe('the drivers of clusters in a launcher before a full cluster', () => {
  for (const { driver, what, label = {}, limit, fill, refused, words } of CASES)
    it(`let the request wait, and count no attempt, where there are no more ${what}`, async () => {
      const site = await KubeSite.open(driver);
      const { cloud } = site;
      try {
        limit(site);
        await site.play(
          (scene) =>
            waitForRoom(scene, { cloud, label: 'small', fill: () => fill(site), refused, words }),
          { providers: [site.provider({ labels: { small: label } })] },
        );
      } finally {
        await site.close();
      }
    });
});
