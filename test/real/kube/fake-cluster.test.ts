/**
 * The cluster in memory (fixtures/kube-cloud) answers as a real API server does: both are asked the same,
 * in the same order, and what they say is compared. Where something is uncertain, ask here first.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { Agent, request } from 'undici';

import { KubeCloud } from '../../../fixtures/kube-cloud/cloud.ts';
import type { KubeCloudServer } from '../../../fixtures/kube-cloud/server.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { eventually } from '../../support/eventually.ts';
import { textOf } from './accounts.ts';
import { KubeApi, type KubeAnswer, type KubeObject, type Method } from './api.ts';
import { kubeOrSkip, stopKube } from './services.ts';

/** In paths and bodies: a namespace that is there, and one that is not. */
const SPACE = `same-${randomBytes(4).toString('hex')}`;
const IN_SPACE = `/api/v1/namespaces/${SPACE}`;
const ACCESS = `/apis/rbac.authorization.k8s.io/v1/namespaces/${SPACE}`;

interface Question {
  readonly what: string;
  readonly method: Method;
  readonly path: string;
  readonly body?: unknown;
  /** Asked by the account of the namespace, which may get and list its pods. */
  readonly byAccount?: boolean;
}

const ask = (what: string, method: Method, path: string, body?: unknown): Question => ({
  ...{ what, method, path, body },
});

const pod = (name: string, container: object = {}, spec: object = {}): unknown => ({
  metadata: { name },
  spec: { containers: [{ name: 'main', image: 'python', ...container }], ...spec },
});
const labelled = (labels: unknown) => ({ metadata: { name: `${SPACE}-2`, labels } });
const secret = (name: string, annotations?: object) => ({
  metadata: { name, annotations },
  type: 'kubernetes.io/service-account-token',
});
const role = (name: string, rules: unknown) => ({ metadata: { name }, rules });
const binding = (name: string, roleRef: object, subjects: unknown = []) => ({
  ...{ metadata: { name }, roleRef, subjects },
});
const resources = (requests: object, limits?: object) => ({ resources: { requests, limits } });

const QUESTIONS: readonly Question[] = [
  ask('a namespace again', 'POST', '/api/v1/namespaces', { metadata: { name: SPACE } }),
  ask('one of a bad name', 'POST', '/api/v1/namespaces', { metadata: { name: 'A_b' } }),
  ask('one of no name', 'POST', '/api/v1/namespaces', { metadata: {} }),
  ask('one whose name is a number', 'POST', '/api/v1/namespaces', { metadata: { name: 7 } }),
  ask('one with a bad label', 'POST', '/api/v1/namespaces', labelled({ a: 'b c' })),
  ask('one with a long label', 'POST', '/api/v1/namespaces', labelled({ a: 'x'.repeat(64) })),
  ask('one with a label of a bad name', 'POST', '/api/v1/namespaces', labelled({ 'a/b/c': '' })),
  ask('one with a label that is a number', 'POST', '/api/v1/namespaces', labelled({ a: 1 })),
  ask('a pod as a namespace', 'POST', '/api/v1/namespaces', {
    ...{ kind: 'Pod', apiVersion: 'v1', metadata: { name: 'a' } },
  }),
  {
    ...ask(
      'strictly, with a field that is none',
      'POST',
      '/api/v1/namespaces?fieldValidation=Strict',
    ),
    body: { metadata: { name: 'a' }, foo: 1 },
  },
  ask('the namespace', 'GET', IN_SPACE),
  ask('a namespace that is not there', 'GET', '/api/v1/namespaces/none'),
  ask('pods of it', 'GET', '/api/v1/namespaces/none/pods'),
  ask('a pod of it', 'GET', '/api/v1/namespaces/none/pods/none'),
  ask('a new pod in it', 'POST', '/api/v1/namespaces/none/pods', pod('a')),
  ask('its end', 'DELETE', '/api/v1/namespaces/none'),
  ask('the end of a namespace that is needed', 'DELETE', '/api/v1/namespaces/default'),
  ask('an end in a way that is none', 'DELETE', IN_SPACE, { propagationPolicy: 'Never' }),
  ask('a kind that is none', 'GET', '/api/v1/nothings'),
  ask('an API that is none', 'GET', '/apis/project.openshift.io/v1/projects'),
  ask('all namespaces, to be replaced', 'PUT', '/api/v1/namespaces', {}),
  ask('a selector that is none', 'GET', '/api/v1/namespaces?fieldSelector=foo%3D1'),
  ask('a version that is none', 'GET', '/api/v1/namespaces?resourceVersion=abc'),
  ask('pods that are not there', 'GET', `${IN_SPACE}/pods?labelSelector=a%20in%20(b),!c`),
  ask('an account again', 'POST', `${IN_SPACE}/serviceaccounts`, { metadata: { name: 'worker' } }),
  ask('an account of a bad name', 'POST', `${IN_SPACE}/serviceaccounts`, {
    metadata: { name: 'A_b' },
  }),
  ask('a secret for a token of nobody', 'POST', `${IN_SPACE}/secrets`, secret('a')),
  ask('a secret that is no base64', 'POST', `${IN_SPACE}/secrets`, {
    ...{ metadata: { name: 'a' }, data: { a: 'no' } },
  }),
  ask('a secret', 'POST', `${IN_SPACE}/secrets`, {
    ...{ metadata: { name: 'b' }, data: { a: 'YQ==' } },
  }),
  ask('its end', 'DELETE', `${IN_SPACE}/secrets/b`),
  ask('a role without verbs', 'POST', `${ACCESS}/roles`, role('a', [{ resources: ['pods'] }])),
  ask('a role of a bad name', 'POST', `${ACCESS}/roles`, role('a%b', [])),
  ask('a binding to nothing', 'POST', `${ACCESS}/rolebindings`, binding('a', {})),
  ask('a pod without containers', 'POST', `${IN_SPACE}/pods`, pod('a', {}, { containers: [] })),
  ask('a pod of a bad name', 'POST', `${IN_SPACE}/pods`, pod('A_b')),
  ask('without an image', 'POST', `${IN_SPACE}/pods`, pod('a', { image: '' })),
  ask('with an image after a space', 'POST', `${IN_SPACE}/pods`, pod('a', { image: ' a' })),
  ask('pulled as nobody does', 'POST', `${IN_SPACE}/pods`, pod('a', { imagePullPolicy: 'Some' })),
  ask('with a number in its environment', 'POST', `${IN_SPACE}/pods`, {
    ...(pod('a', { env: [{ name: 'A', value: 1 }] }) as object),
  }),
  ask('started again as nobody does', 'POST', `${IN_SPACE}/pods`, {
    ...(pod('a', {}, { restartPolicy: 'Once' }) as object),
  }),
  ask('with a mount of no volume', 'POST', `${IN_SPACE}/pods`, {
    ...(pod('a', { volumeMounts: [{ name: 'v', mountPath: '/v' }] }) as object),
  }),
  ask(
    'with a limit below',
    'POST',
    `${IN_SPACE}/pods`,
    pod('a', resources({ cpu: 2 }, { cpu: 1 })),
  ),
  ask('with what is no amount', 'POST', `${IN_SPACE}/pods`, pod('a', resources({ cpu: '2q' }))),
  ask('with less than nothing', 'POST', `${IN_SPACE}/pods`, pod('a', resources({ cpu: -1 }))),
  ask('with half a GPU', 'POST', `${IN_SPACE}/pods`, {
    ...(pod('a', resources({ 'nvidia.com/gpu': '0.50' }, { 'nvidia.com/gpu': '0.50' })) as object),
  }),
  ask('with GPUs and no limit', 'POST', `${IN_SPACE}/pods`, {
    ...(pod('a', resources({ 'nvidia.com/gpu': 1 })) as object),
  }),
  ask('with what is no resource', 'POST', `${IN_SPACE}/pods`, pod('a', resources({ gpu: 1 }))),
  ask('of an account that is not there', 'POST', `${IN_SPACE}/pods`, {
    ...(pod('a', {}, { serviceAccountName: 'none' }) as object),
  }),
  ask('of another namespace', 'POST', `${IN_SPACE}/pods`, {
    ...(pod('a') as object),
    metadata: { name: 'a', namespace: 'other' },
  }),
  ask('a pod of more than its quota', 'POST', `${IN_SPACE}/pods`, {
    ...(pod('a', resources({ cpu: 3 })) as object),
  }),
  ask('a pod that says nothing of what there is a quota of', 'POST', `${IN_SPACE}/pods`, pod('a')),
  ask('a pod', 'POST', `${IN_SPACE}/pods`, pod('good', resources({ cpu: '0.50' }))),
  ask('the pod again', 'POST', `${IN_SPACE}/pods`, pod('good', resources({ cpu: 1 }))),
  { ...ask('pods', 'GET', `${IN_SPACE}/pods?limit=1`), byAccount: true },
  { ...ask('secrets', 'GET', `${IN_SPACE}/secrets`), byAccount: true },
  { ...ask('a secret', 'GET', `${IN_SPACE}/secrets/worker`), byAccount: true },
  { ...ask('all namespaces', 'GET', '/api/v1/namespaces'), byAccount: true },
  { ...ask('another namespace', 'GET', '/api/v1/namespaces/none'), byAccount: true },
  { ...ask('a watch', 'GET', `${IN_SPACE}/pods?watch=true&timeoutSeconds=1`), byAccount: true },
  { ...ask('a log', 'GET', `${IN_SPACE}/pods/good/log`), byAccount: true },
  ask('the end of the namespace', 'DELETE', IN_SPACE, { propagationPolicy: 'Background' }),
  ask('its end again', 'DELETE', IN_SPACE),
  ask('it again', 'POST', '/api/v1/namespaces', { metadata: { name: SPACE } }),
  ask('something new in it', 'POST', `${IN_SPACE}/serviceaccounts`, { metadata: { name: 'late' } }),
];

describe('the cluster in memory and a real one', () => {
  let cloud: KubeCloud;
  let server: KubeCloudServer | undefined;
  const apis: KubeApi[] = [];
  const authorities: string[] = [];
  let adminToken = '';
  let answers: readonly (readonly KubeAnswer[])[] = [];

  before(async function () {
    this.timeout(300_000);
    const services = await kubeOrSkip(this);
    cloud = new KubeCloud({ clock: systemClock, deleteSeconds: 0.5 });
    server = await cloud.serve();
    const ca = await readFile(server.authority, 'utf8');
    authorities.push(services.ca, ca);
    const kubeconfig = await readFile(services.kubeconfig, 'utf8');
    adminToken = /token: "?([^"\s}]+)/.exec(kubeconfig)?.[1] ?? '';
    apis.push(services.admin, new KubeApi(server.origin, ca, cloud.access.token));
    answers = await Promise.all([
      answersOf(services.admin, services.ca),
      answersOf(apis[1] ?? services.admin, ca),
    ]);
  });
  after(async () => {
    await apis[0]?.remove(IN_SPACE);
    await apis[1]?.close();
    await server?.close();
    await stopKube();
  });

  it('tell whoever watches the same of the life of a pod', async () => {
    const [admin] = apis;
    assert.ok(admin && server);
    const [realCa = '', fakeCa = ''] = authorities;
    const [real, fake] = await Promise.all([
      lifeOf(admin.server, realCa, adminToken),
      lifeOf(server.origin, fakeCa, cloud.access.token),
    ]);
    assert.deepEqual(fake, real);
  }).timeout(30_000);

  for (const [index, { what, method, byAccount = false }] of QUESTIONS.entries())
    it(`say the same to ${method}, ${byAccount ? 'from an account with few rights, ' : ''}${what}`, () => {
      const [real, fake] = answers.map((all) => all[index]);
      assert.ok(real && fake);
      assert.deepEqual(gist(fake), gist(real));
    });
});

/** Types of events, with the pod's phase and whether it is on its way out; each once. */
async function lifeOf(server: string, ca: string, token: string): Promise<unknown> {
  const dispatcher = new Agent({ connect: { ca } });
  const api = new KubeApi(server, ca, token);
  const space = `${SPACE}-watched`;
  const pods = `/api/v1/namespaces/${space}/pods`;
  await api.create('/api/v1/namespaces', { metadata: { name: space } });
  await eventually(() => api.get(`/api/v1/namespaces/${space}/serviceaccounts/default`));
  const { metadata } = await api.get(pods);
  const query = 'watch=true&timeoutSeconds=4&fieldSelector=metadata.name%3Dgood';
  const watching = request(
    `${server}${pods}?${query}&resourceVersion=${metadata.resourceVersion ?? ''}`,
    { dispatcher, headers: { authorization: `Bearer ${token}` } },
  ).then(({ body }) => body.text());
  await api.create(pods, pod('other'));
  await api.create(pods, pod('good'));
  await eventually(async () => {
    assert.equal(phaseOf(await api.get(`${pods}/good`)), 'Running');
  });
  await api.remove(`${pods}/good`);
  const lines = (await watching).trim().split('\n');
  await api.remove(`/api/v1/namespaces/${space}`);
  await Promise.all([api.close(), dispatcher.close()]);
  const events = lines.map((line) => {
    const { type, object } = JSON.parse(line) as { type: string; object: KubeObject };
    const { name, deletionTimestamp } = object.metadata;
    return [type, object.kind, name, phaseOf(object), deletionTimestamp !== undefined].join(' ');
  });
  return events.filter((event, index) => event !== events[index - 1]);
}

function phaseOf({ status }: KubeObject): unknown {
  return (status as Fields | undefined)?.phase;
}

/** Asked one after the other, in a namespace with an account, a role for it, and a quota. */
async function answersOf(admin: KubeApi, ca: string): Promise<KubeAnswer[]> {
  await admin.create('/api/v1/namespaces', { metadata: { name: SPACE } });
  await admin.create(`${IN_SPACE}/serviceaccounts`, { metadata: { name: 'worker' } });
  const annotations = { 'kubernetes.io/service-account.name': 'worker' };
  await admin.create(`${IN_SPACE}/secrets`, secret('worker', annotations));
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }];
  await admin.create(`${ACCESS}/roles`, role('looker', rules));
  await admin.create(
    `${ACCESS}/rolebindings`,
    binding('looker', { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'looker' }, [
      { kind: 'ServiceAccount', name: 'worker', namespace: SPACE },
    ]),
  );
  await admin.create(`${IN_SPACE}/resourcequotas`, {
    metadata: { name: 'quota' },
    spec: { hard: { 'requests.cpu': '2', pods: '5' } },
  });
  let token = '';
  await eventually(async () => {
    token = textOf(await admin.get(`${IN_SPACE}/secrets/worker`), 'token');
    assert.notEqual(token, '');
    const { status } = await admin.get(`${IN_SPACE}/resourcequotas/quota`);
    assert.ok((status as { used?: unknown } | undefined)?.used);
    await admin.get(`${IN_SPACE}/serviceaccounts/default`);
  });
  const account = new KubeApi(admin.server, ca, token);
  const answers: KubeAnswer[] = [];
  for (const { method, path, body, byAccount = false } of QUESTIONS)
    answers.push(await (byAccount ? account : admin).ask(method, path, body));
  await account.close();
  return answers;
}

type Fields = Readonly<Record<string, unknown>>;

/** What is the same wherever and whenever it is asked. */
function gist({ status, body }: KubeAnswer): unknown {
  if (typeof body !== 'object' || body === null) return { status, body: String(body).trim() };
  const { kind, apiVersion, metadata = {}, items, ...rest } = body as Fields;
  const { name, namespace, labels, annotations, deletionTimestamp } = metadata as Fields;
  if (kind === 'Status') {
    const { message, reason, code, details = {} } = rest;
    const isDone = rest.status === 'Success';
    return { status, kind, message, reason, code, details: isDone ? {} : details };
  }
  return {
    ...{ status, kind, apiVersion, name, namespace, labels, annotations },
    isDeleting: deletionTimestamp !== undefined,
    ...(Array.isArray(items) && {
      items: (items as Fields[]).map((item) => [item.kind, (item.metadata as Fields).name]),
    }),
    phase: (rest.status as Fields | undefined)?.phase,
    containers: ((rest.spec as Fields | undefined)?.containers as Fields[] | undefined)?.map(
      ({ name: of, image, imagePullPolicy, resources: amounts }) => ({
        ...{ of, image, imagePullPolicy, amounts },
      }),
    ),
  };
}
