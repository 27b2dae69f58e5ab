import assert from 'node:assert/strict';

import { KINDS } from '../../../../fixtures/kube-cloud/kinds.ts';
import type { OpenShiftOptions } from '../../../../fixtures/kube-cloud/ground.ts';
import { hasCode } from '../../../../shared/base/errors.ts';
import { createOpenshiftDriver } from '../../../../shared/drivers/openshift/driver.ts';
import { closeScenes, NODE, openScene, type Scene } from '../pods/scene.ts';

const PROJECT = `main-${NODE}`;

const section = `
name: shift
driver: openshift
context: ours
pools:
  - name: main
    labels:
      - {name: pod, type: pod, image: debian, image-pull-secrets: [{name: registry}]}
      - {name: space, type: project}
`;

const open = (openShift: OpenShiftOptions = {}): Promise<Scene> =>
  openScene({ create: createOpenshiftDriver, section, cloud: { openShift } });

/** As the real one, for a user who is no master. */
const REAL: OpenShiftOptions = { dropsLabels: true, hidesProjects: true };

const rejects = async (promise: Promise<unknown>, pattern: RegExp): Promise<unknown> => {
  let seen: unknown;
  await assert.rejects(promise, (error: Error) => {
    seen = error;
    return pattern.test(error.message);
  });
  return seen;
};

describe('openshift: a launch', () => {
  afterEach(closeScenes);

  it('of a pod ends with what the node’s record needs', async () => {
    const scene = await open();
    const { connectionPort, ...instance } = await scene.launch('pod');
    assert.deepEqual(instance, {
      externalId: PROJECT,
      interfaceIp: 'pod',
      username: null,
      cloud: 'ours',
      resources: { instances: 1, cores: 0, ram: 0 },
      pythonPath: 'auto',
      shellType: null,
      connectionType: 'kubectl',
    });
    assert.ok(typeof connectionPort === 'object');
    const { token, ca_crt: caCrt, ...connection } = connectionPort;
    assert.ok(token !== undefined && caCrt !== undefined);
    assert.deepEqual(connection, {
      ...{ namespace: PROJECT, host: 'https://cluster.example', skiptls: false },
      ...{ user: 'zuul-worker', pod: 'pod' },
    });
    const [pod] = scene.cloud.podsOf(PROJECT);
    const { imagePullSecrets } = pod?.spec as { readonly imagePullSecrets: unknown };
    assert.ok(JSON.stringify(imagePullSecrets).includes('registry'));
  });

  it('of a project makes Zuul its admin', async () => {
    const scene = await open();
    const { connectionType, connectionPort, interfaceIp } = await scene.launch('space');
    assert.deepEqual([connectionType, interfaceIp], ['project', null]);
    assert.ok(typeof connectionPort === 'object' && !('pod' in connectionPort));
    const bindings = scene.cloud.store.list(KINDS.rolebindings, PROJECT);
    const binding = bindings.find(({ metadata }) => metadata.name === 'admin-0');
    assert.match(JSON.stringify(binding), /"name":"zuul-worker"/);
  });

  it('works for a user of the real one, who is not told what there is not', async () => {
    const scene = await open(REAL);
    const { externalId } = await scene.launch('pod');
    await scene.delete(externalId);
    await scene.delete(externalId);
    assert.equal(scene.cloud.counts.namespaces, 0);
  });

  it('watches the pod of its project alone, where others’ may not be seen', async () => {
    const scene = await open(REAL);
    const groups = ['project.openshift.io'];
    const resources = ['projects', 'projectrequests'];
    scene.cloud.access.grants = [{ apiGroups: groups, resources, verbs: ['*'] }];
    const { externalId } = await scene.launch('pod');
    assert.equal(scene.cloud.calls.filter((call) => call === 'WATCH pods').length, 1);
    assert.ok(!scene.cloud.calls.includes('GET pods/*'));
    await scene.delete(externalId);
    assert.equal(scene.cloud.counts.namespaces, 0);
  });

  it('takes a project that goes in the moment of its deletion for deleted', async () => {
    const scene = await open(REAL);
    await scene.launch('space');
    scene.cloud.onCall = (call) => {
      if (call === 'DELETE projects/*') scene.cloud.vanish(PROJECT);
    };
    await scene.delete(PROJECT);
    assert.equal(scene.cloud.counts.namespaces, 0);
  });

  it('takes the token that the account lists, where secrets may not be made', async () => {
    const scene = await open({ listsTokens: true });
    scene.cloud.access.forbid('create', 'secrets');
    const { connectionPort } = await scene.launch('space');
    const { token } = connectionPort as { readonly token: string };
    const { name } = scene.cloud.access.userOf(`Bearer ${token}`);
    assert.equal(name, `system:serviceaccount:${PROJECT}:zuul-worker`);
  });

  it('waits until the project lets its maker in', async () => {
    const scene = await open();
    const refusal = { status: 403, code: 'Forbidden', message: 'serviceaccounts is forbidden' };
    scene.cloud.arm({ call: 'POST serviceaccounts', mode: 'fail', times: 3, ...refusal });
    assert.equal((await scene.launch('space')).externalId, PROJECT);
    await scene.delete(PROJECT);
    scene.cloud.arm({ call: 'POST serviceaccounts', mode: 'fail', times: 100, ...refusal });
    const began = scene.clock.monotonic();
    const error = await rejects(scene.launch('space'), /serviceaccounts is forbidden/);
    assert.ok(hasCode(error, 'NP_CLOUD_FATAL'));
    assert.ok(scene.clock.monotonic() - began < 15_000);
  });
});

describe('openshift: projects whose labels are dropped', () => {
  afterEach(closeScenes);

  it('are known by their description', async () => {
    const scene = await open(REAL);
    await scene.launch('space');
    const { signal } = new AbortController();
    const all = await scene.settle(scene.provider.listInstances(signal));
    const listed = all.find(({ externalId }) => externalId === PROJECT);
    assert.equal(listed?.metadata.nodepool_provider_name, 'shift');
    assert.equal(listed.metadata.nodepool_node_id, NODE);
  });

  it('are leaks with it', async () => {
    const scene = await open(REAL);
    await scene.launch('space');
    const { leaks } = scene.provider;
    assert.ok(leaks);
    const { signal } = new AbortController();
    const [leak, ...others] = await scene.settle(leaks.list(signal));
    assert.deepEqual(others, []);
    assert.equal(leak?.id, PROJECT);
    await scene.settle(leaks.delete(leak, signal));
    assert.equal(scene.cloud.counts.namespaces, 0);
  });

  it('are gone on with after a lost answer', async () => {
    const scene = await open(REAL);
    scene.cloud.arm({ call: 'POST projectrequests', mode: 'lose', times: 1 });
    assert.equal((await scene.launch('space')).externalId, PROJECT);
    assert.equal(scene.cloud.counts.namespaces, 1);
  });

  it('of Python Nodepool, which gives none, are deleted by their names', async () => {
    const scene = await open(REAL);
    scene.cloud.plant.namespace({ name: PROJECT });
    await scene.delete(PROJECT);
    assert.equal(scene.cloud.counts.namespaces, 0);
  });

  it('of somebody else, whom our launch ran into, are left alone', async () => {
    const scene = await open({ dropsLabels: true });
    scene.cloud.plant.namespace({ name: PROJECT });
    const error = await rejects(scene.launch('space'), /not of provider shift, but of nobody/);
    assert.ok(hasCode(error, 'NP_CLOUD_FATAL'));
    await scene.delete(PROJECT);
    assert.equal(scene.cloud.counts.namespaces, 1);
  });
});
