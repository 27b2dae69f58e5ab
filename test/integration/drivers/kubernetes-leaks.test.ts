/** Leaks of the drivers of clusters; test/real/clouds lets calls go wrong in more ways. */
import { KubeSite, PROVIDER } from '../../support/kube-site.ts';
import { leaksAreFound, leaksGoThough, leaksOf } from '../../support/cloud-leaks.ts';
import {
  KUBERNETES_LEAKS,
  OPENSHIFT_LEAKS,
  OPENSHIFTPODS_LEAKS,
} from '../../support/clouds/kubernetes-leaks.ts';

for (const leaky of [KUBERNETES_LEAKS, OPENSHIFT_LEAKS, OPENSHIFTPODS_LEAKS])
  describe(`leaks of the ${leaky.driver} driver in a launcher`, () => {
    const leaks = leaksOf(leaky);
    leaksAreFound(leaky, leaks);
    if (leaky === KUBERNETES_LEAKS) leaksGoThough(leaky, leaks, ['lose']);
  });

describe('leaks of the openshift driver in a launcher, where projects have no labels,', () => {
  const leaks = leaksOf({
    ...OPENSHIFT_LEAKS,
    open: () => KubeSite.open('openshift', { openShift: { dropsLabels: true } }),
  });

  it('are known by their description', () =>
    leaks.run(async ({ zuul }) => {
      const { plant } = leaks.site.cloud;
      await zuul.ask(['small']);
      const described = (provider: string) => ({
        'openshift.io/description': `Nodepool: node 0000009999 of provider ${provider}`,
      });
      plant.namespace({ name: 'other-0000009999', annotations: described('another-provider') });
      plant.namespace({ name: 'production', annotations: described(PROVIDER) });
      const kept = OPENSHIFT_LEAKS.census(leaks.site);
      plant.namespace({ name: 'main-0000009999', annotations: described(PROVIDER) });
      await leaks.untilOnly(kept);
    }));
});
