import assert from 'node:assert/strict';

import { CloudError } from '../../../../../shared/base/errors.ts';
import { isForbidden, isTaken } from '../../../../../shared/drivers/pods/client/errors.ts';
import { asked, json, never, refusal, scripted } from './scripted-api.ts';

const pod = (name: string, namespace = 'ns'): object => ({ metadata: { name, namespace } });

describe('a collection of a cluster', () => {
  it('is asked for at the paths of its API', async () => {
    const { cluster, requests } = scripted(() => json(200, { items: [], metadata: {} }));
    const signal = never();
    await cluster.namespaces.list({}, signal);
    await cluster.namespaces.get('a/b', signal);
    await cluster.pods().list({ labels: { a: 'b', c: 'd' } }, signal);
    await cluster.pods('ns').list({ fields: { 'metadata.name': 'x' } }, signal);
    await cluster.pods('ns').get('p', signal);
    await cluster.serviceAccounts('ns').get('p', signal);
    await cluster.secrets('ns').get('p', signal);
    await cluster.resourceQuotas('ns').list({}, signal);
    await cluster.roles('ns').create({ rules: [] }, signal);
    await cluster
      .roleBindings('ns')
      .create({ roleRef: { apiGroup: 'g', kind: 'Role', name: 'r' } }, signal);
    await cluster
      .openShiftRoleBindings('ns')
      .create({ roleRef: { name: 'r' }, subjects: [] }, signal);
    await cluster.projectRequests.create({ metadata: { name: 'p' } }, signal);
    await cluster.projects.get('p', signal);
    assert.deepEqual(requests.map(asked), [
      'GET /api/v1/namespaces?limit=500',
      'GET /api/v1/namespaces/a%2Fb',
      'GET /api/v1/pods?labelSelector=a=b,c=d&limit=500',
      'GET /api/v1/namespaces/ns/pods?fieldSelector=metadata.name=x&limit=500',
      'GET /api/v1/namespaces/ns/pods/p',
      'GET /api/v1/namespaces/ns/serviceaccounts/p',
      'GET /api/v1/namespaces/ns/secrets/p',
      'GET /api/v1/namespaces/ns/resourcequotas?limit=500',
      'POST /apis/rbac.authorization.k8s.io/v1/namespaces/ns/roles',
      'POST /apis/rbac.authorization.k8s.io/v1/namespaces/ns/rolebindings',
      'POST /apis/authorization.openshift.io/v1/namespaces/ns/rolebindings',
      'POST /apis/project.openshift.io/v1/projectrequests',
      'GET /apis/project.openshift.io/v1/projects/p',
    ]);
  });

  it('passes bodies on as they are, with what no library knows', async () => {
    const { cluster, requests } = scripted(() => json(201, pod('p')));
    const body = { metadata: { name: 'p' }, restartPolicy: 'Never', spec: { brandNew: 1 } };
    await cluster.pods('ns').create(body as object, never());
    assert.deepEqual(JSON.parse(requests[0]?.body ?? ''), body);
  });

  it('is listed page by page', async () => {
    const { cluster, requests } = scripted(({ url }) => {
      const from = url.searchParams.get('continue');
      if (from === null) return json(200, { items: [pod('a')], metadata: { continue: 'x=' } });
      if (from === 'x=') return json(200, { items: null, metadata: { continue: 'y' } });
      return json(200, { items: [pod('b')], metadata: { continue: '' } });
    });
    const found = await cluster.pods().list({}, never());
    assert.deepEqual(found, [pod('a'), pod('b')]);
    assert.equal(requests.length, 3);
  });

  it('is listed in one go where the pages were forgotten meanwhile', async () => {
    const { cluster, requests, clock } = scripted(({ url }) => {
      if (url.searchParams.has('continue')) return refusal(410, 'Expired');
      const limited = url.searchParams.has('limit');
      return json(200, { items: [pod('a')], metadata: limited ? { continue: 'x' } : {} });
    });
    const found = cluster.pods().list({ labels: { l: 'v' } }, never());
    await clock.advance(5000);
    assert.deepEqual(await found, [pod('a')]);
    assert.equal(asked(requests.at(-1) ?? assert.fail()), 'GET /api/v1/pods?labelSelector=l=v');
  });

  it('fails as a whole where a page does', async () => {
    const { cluster } = scripted(({ url }) =>
      url.searchParams.has('continue')
        ? refusal(403, 'Forbidden', 'not this page')
        : json(200, { items: [pod('a')], metadata: { continue: 'x' } }),
    );
    await assert.rejects(cluster.pods().list({}, never()), isForbidden);
  });

  it('is no list where the answer is none', async () => {
    const { cluster } = scripted(() => json(200, { kind: 'Other' }));
    await assert.rejects(cluster.pods().list({}, never()), /GET pods: the answer is no list/);
  });

  it('tells that a name is taken, also after an answer that was lost', async () => {
    const { cluster, clock } = scripted((_, count) =>
      count === 0 ? refusal(500, 'InternalError') : refusal(409, 'AlreadyExists'),
    );
    const failed = assert.rejects(cluster.namespaces.create({}, never()), isTaken);
    await clock.advance(5000);
    await failed;
  });

  it('has nothing of a name that is not there', async () => {
    const { cluster } = scripted(() => refusal(404, 'NotFound', 'no', { name: 'p' }));
    assert.equal(await cluster.pods('ns').get('p', never()), undefined);
    assert.equal(await cluster.pods('ns').delete('p', never()), false);
  });

  it('does not take the word of a proxy, or of a missing API, for an end', async () => {
    const { cluster } = scripted(() => ({
      status: 404,
      headers: {},
      body: (async function* () {
        yield await Promise.resolve(Buffer.from('404 page not found\n'));
      })(),
    }));
    await assert.rejects(cluster.projects.delete('p', never()), /404 page not found/);
  });

  it('deletes in the background, and knows what is being deleted already', async () => {
    const ending =
      'Operation cannot be fulfilled on namespaces "a": The system is ensuring all content is removed from this namespace.';
    const { cluster, requests, clock } = scripted((_, count) =>
      count === 0
        ? json(200, { kind: 'Status', status: 'Success' })
        : refusal(409, 'Conflict', ending),
    );
    assert.equal(await cluster.namespaces.delete('a', never()), true);
    assert.deepEqual(JSON.parse(requests[0]?.body ?? ''), {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
    });
    const again = cluster.namespaces.delete('a', never());
    await clock.advance(5000);
    assert.equal(await again, true);
  });

  it('is closed with the cluster', async () => {
    const { cluster } = scripted(() => json(200, {}));
    cluster.close();
    await assert.rejects(cluster.namespaces.list({}, never()), (error: CloudError) => {
      assert.equal(error.code, 'NP_ABORTED');
      return true;
    });
  });
});

describe('the facts of a cluster', () => {
  it('are those of what let us in last', async () => {
    const { cluster, login } = scripted(() => json(200, {}), { tokens: ['one', 'two'] });
    assert.equal(cluster.server, 'https://cluster.example:6443');
    assert.equal(cluster.context, 'one');
    assert.equal(cluster.skipTls, false);
    assert.equal(cluster.ca(), undefined);
    assert.equal(await cluster.token(never()), 'one');
    login.last = { ...login.last, tls: { ...login.last.tls, ca: 'CA', skipVerify: true } };
    assert.equal(cluster.ca(), Buffer.from('CA').toString('base64'));
    assert.equal(cluster.skipTls, true);
  });
});
