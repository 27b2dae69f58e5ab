/**
 * The drivers of clusters in a launcher, with no more rights than Python Nodepool's calls need, with tokens
 * that end, and before a cluster that goes away.
 */
import assert from 'node:assert/strict';

import type { Rule } from '../../../fixtures/kube-cloud/bodies/access.ts';
import { failedAttempts } from '../../support/cloud-walked.ts';
import { walkOf } from '../../support/cloud-walk.ts';
import { KUBERNETES, OPENSHIFT, OPENSHIFTPODS } from '../../support/clouds/kubernetes.ts';
import { KubeSite } from '../../support/kube-site.ts';
import { eventually } from '../../support/eventually.ts';

const rule = (group: string, resources: string, verbs: string): Rule => ({
  apiGroups: [group],
  resources: resources.split(' '),
  verbs: verbs.split(' '),
});

const RBAC = 'rbac.authorization.k8s.io';

/** What the calls of Python Nodepool's driver need; test/real/kube has the same for a real cluster. */
const PYTHONS: readonly Rule[] = [
  rule('', 'namespaces', 'create get list delete'),
  rule('', 'serviceaccounts', 'create get'),
  rule('', 'secrets', 'create get'),
  rule('', 'pods', 'create get list delete'),
  rule(RBAC, 'roles', 'create escalate bind'),
  rule(RBAC, 'rolebindings', 'create'),
];

describe('the kubernetes driver in a launcher', () => {
  const walk = walkOf(KUBERNETES);

  for (const [kind] of walk.kinds)
    it(`makes ${kind} with the rights that Python Nodepool needs, and says what it lacks once`, () => {
      walk.site.cloud.access.grants = PYTHONS;
      return walk.run(kind, async (scene) => {
        await walk.live(scene);
        await walk.live(scene);
        assert.deepEqual(failedAttempts(scene), []);
        const said = scene.own.lines.filter((line) => line.startsWith('WARN'));
        assert.equal(new Set(said).size, said.length, said.join('\n'));
      });
    });

  it('makes a pod with a single attempt though its token has ended at any one call', () =>
    walk.run('a pod', async (scene) => {
      const { site } = walk;
      await walk.live(scene);
      const calls = KUBERNETES.kinds['a pod']?.own ?? [];
      for (const endAt of calls) {
        let writing: Promise<void> | undefined;
        site.cloud.onCall = (call) => {
          if (call !== endAt || writing) return;
          site.cloud.access.rotate();
          writing = site.writeKubeconfig();
        };
        await walk.live(scene);
        assert.ok(writing, endAt);
        await writing;
      }
      assert.deepEqual(failedAttempts(scene), []);
      const log = scene.own.lines.join('\n');
      assert.ok(!/nodepool-token-|eyJ/.test(log), 'a token is in the log');
    }));

  it('makes a pod with a single attempt though all connections break while it comes up', () =>
    walk.run('a pod', async (scene) => {
      const { cloud } = walk.site;
      cloud.hold('create');
      const id = await scene.zuul.submit(['small']);
      for (let round = 0; round < 2; round++) {
        await eventually(() => {
          assert.equal(cloud.watchesOf('pods'), 1);
        });
        cloud.compact();
        cloud.cutWatches();
      }
      cloud.release('create');
      await scene.zuul.untilState(id, 'fulfilled');
      assert.deepEqual(failedAttempts(scene), []);
    }));

  it('makes a pod with a single attempt though the cluster is away while it comes up', () =>
    walk.run('a pod', async (scene) => {
      const { cloud } = walk.site;
      cloud.hold('create');
      const id = await scene.zuul.submit(['small']);
      await eventually(() => {
        assert.equal(cloud.watchesOf('pods'), 1);
      });
      cloud.isDown = true;
      cloud.release('create');
      await new Promise((resolve) => setTimeout(resolve, 700));
      cloud.isDown = false;
      await scene.zuul.untilState(id, 'fulfilled');
      assert.deepEqual(failedAttempts(scene), []);
    }));
});

/** As a real one is, to all but its masters. */
const OPENSHIFTS = {
  'up to 4.10': { listsTokens: true, dropsLabels: true, hidesProjects: true },
  'from 4.11 on': { dropsLabels: true, hidesProjects: true },
};

for (const [what, openShift] of Object.entries(OPENSHIFTS))
  describe(`the openshift driver in a launcher, before an OpenShift ${what},`, () => {
    const walk = walkOf({
      ...OPENSHIFT,
      open: async () => {
        const site = await KubeSite.open('openshift', { openShift });
        // A user may make projects, sees those that they made, and is admin of them.
        site.cloud.access.grants = [
          rule('project.openshift.io', 'projectrequests', 'create'),
          rule('project.openshift.io', 'projects', 'list watch'),
        ];
        return site;
      },
    });

    for (const [kind] of walk.kinds)
      it(`makes ${kind} with what every user may do`, () =>
        walk.run(kind, async (scene) => {
          await walk.live(scene);
          await walk.live(scene);
          assert.deepEqual(failedAttempts(scene), []);
        }));
  });

describe('the openshift driver in a launcher', () => {
  const walk = walkOf({
    ...OPENSHIFT,
    open: () => KubeSite.open('openshift', { openShift: { listsTokens: true } }),
  });

  it('takes the token that OpenShift has made where it may make none', () =>
    walk.run('a project', async (scene) => {
      walk.site.cloud.access.forbid('create', 'secrets');
      await walk.live(scene);
      assert.deepEqual(failedAttempts(scene), []);
    }));
});

describe('the openshiftpods driver in a launcher', () => {
  const walk = walkOf(OPENSHIFTPODS);

  it('makes a pod with the rights that Python Nodepool needs', () => {
    walk.site.cloud.access.grants = [rule('', 'pods', 'create get list delete')];
    return walk.run('a pod', async (scene) => {
      await walk.live(scene);
      assert.deepEqual(failedAttempts(scene), []);
    });
  });
});
