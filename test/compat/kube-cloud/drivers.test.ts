/**
 * Python Nodepool's own drivers of clusters take our cluster in memory for one: the proof that what our
 * drivers are tested with is none that only they understand.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { KubeCloud } from '../../../fixtures/kube-cloud/cloud.ts';
import { kubeconfigOf } from '../../../fixtures/kube-cloud/kubeconfig.ts';
import type { KubeCloudServer } from '../../../fixtures/kube-cloud/server.ts';
import { run } from '../../../fixtures/processes/run.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { peersOrSkip } from '../../support/peers.ts';
import { pythonKubernetes } from '../../support/python-kubernetes.ts';

const image = 'registry.example.com/ci/python:3';
const pod = (name: string, more: object = {}) => ({ name, type: 'pod', image, ...more });

const OF_NAMESPACES = [
  { name: 'a-space', type: 'namespace', labels: { team: 'red' } },
  pod('b-pod', {
    ...{ cpu: 2, memory: 512, storage: 1000, 'cpu-limit': 4, privileged: true },
    env: [{ name: 'LANG', value: 'C' }],
    volumes: [{ name: 'cache', emptyDir: {} }],
    'volume-mounts': [{ name: 'cache', mountPath: '/cache' }],
    'dynamic-labels': { tenant: '{request.tenant_name}' },
    annotations: { note: 'hello' },
  }),
  { name: 'c-spec', type: 'pod', spec: { containers: [{ name: 'main', image }] } },
  // A limit below the request.
  pod('d-refused', { cpu: 2, 'cpu-limit': 1 }),
  pod('e-bad-label', { labels: { team: 'red team' } }),
];
const OF_PROJECTS = [{ name: 'f-project', type: 'project' }, pod('g-pod', { cpu: 1 })];
const OF_POOL = [
  { name: 'h-pod', image, cpu: 1 },
  { name: 'i-full', image, cpu: 2 },
];

type Names = Readonly<Record<string, string>>;

interface Made {
  readonly id: string;
  readonly host?: string | null;
  readonly resource?: Readonly<Record<string, unknown>>;
  readonly error?: string;
  readonly status?: number;
  readonly body?: string;
}

interface Seen {
  readonly made: Readonly<Record<string, Made>>;
  readonly listed: Readonly<Record<string, Names>>;
  readonly gone: readonly boolean[];
}

interface AllSeen {
  readonly kubernetes: Seen & { readonly again: Made; readonly left: readonly string[] };
  readonly openshift: Seen;
  readonly openshiftpods: Seen & { readonly token: string; readonly ca: string };
}

const LEAKED = 'main-9999999999';

describe("the cluster in memory, before Python Nodepool's drivers", () => {
  let folder: string;
  let cloud: KubeCloud;
  let server: KubeCloudServer | undefined;
  let seen: AllSeen;
  let authority: string;
  /** Of the pods, when they had been made. */
  const specs = new Map<string, Readonly<Record<string, unknown>>>();

  before(async function () {
    const peers = await peersOrSkip(this);
    folder = await mkdtemp(join(tmpdir(), 'kube-cloud-'));
    cloud = new KubeCloud({ clock: systemClock, openShift: { listsTokens: true } });
    server = await cloud.serve();
    authority = await readFile(server.authority, 'utf8');
    cloud.authority = authority;
    cloud.plant.namespace({ name: 'somebodys' });
    cloud.plant.namespace({
      name: LEAKED,
      labels: { nodepool_provider_name: 'cluster', nodepool_node_id: '9999999999' },
    });
    cloud.plant.namespace({ name: 'ci' });
    cloud.plant.quota('ci', { 'requests.cpu': '2', pods: '5' });
    cloud.store.onChange(({ object }) => {
      if (object.kind === 'Pod') specs.set(object.metadata.name, object);
    });
    seen = await lead(peers.nodepoolPython, await pythonKubernetes(peers));
  });
  after(async () => {
    await server?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  /** Through the whole life. */
  const lead = async (python: string, libraries: string): Promise<AllSeen> => {
    const kubeconfig = join(folder, 'kubeconfig');
    const { origin = '' } = server ?? {};
    await writeFile(
      kubeconfig,
      kubeconfigOf({ server: origin, token: cloud.access.token, authority, contexts: ['ours'] }),
    );
    const provider = (name: string, driver: string, pool: string, labels: readonly object[]) => ({
      ...{ name, driver, context: 'ours' },
      pools: [{ name: pool, labels }],
    });
    const config = join(folder, 'nodepool.yaml');
    const all = [...OF_NAMESPACES, ...OF_PROJECTS, ...OF_POOL];
    await writeFile(
      config,
      JSON.stringify({
        labels: all.map(({ name }) => ({ name })),
        providers: [
          provider('cluster', 'kubernetes', 'main', OF_NAMESPACES),
          provider('projects', 'openshift', 'proj', OF_PROJECTS),
          provider('pods', 'openshiftpods', 'ci', OF_POOL),
        ],
      }),
    );
    const script = join(import.meta.dirname, 'drivers.py');
    const env = { ...process.env, KUBECONFIG: kubeconfig, PYTHONPATH: libraries };
    const output = await run(python, ['-W', 'ignore', script, config], { env });
    return JSON.parse(output.trim().split('\n').at(-1) ?? '') as AllSeen;
  };

  const base64 = (text: string): string => Buffer.from(text).toString('base64');

  it('gives namespaces with what lets Zuul in', () => {
    const { id, resource } = seen.kubernetes.made['a-space'] ?? {};
    assert.equal(id, 'main-0000000100');
    assert.deepEqual(
      { ...resource, token: typeof resource?.token },
      {
        ...{ name: id, namespace: id, host: server?.origin, skiptls: false, token: 'string' },
        ...{ user: 'zuul-worker', ca_crt: base64(authority) },
      },
    );
    assert.equal(seen.kubernetes.listed[id]?.team, 'red');
  });

  it('runs pods in them', () => {
    const { made } = seen.kubernetes;
    for (const name of ['b-pod', 'c-spec']) {
      assert.equal(made[name]?.host, 'node-1', name);
      assert.equal(made[name].resource?.pod, name);
    }
    const { spec, metadata } = specs.get('b-pod') as {
      spec: { containers: { resources: unknown }[] };
      metadata: { labels: Names; annotations: Names };
    };
    assert.deepEqual(spec.containers[0]?.resources, {
      requests: { cpu: '2', memory: '512Mi', 'ephemeral-storage': '1000M' },
      limits: { cpu: '4', memory: '512Mi', 'ephemeral-storage': '1000M' },
    });
    assert.deepEqual([metadata.labels.tenant, metadata.annotations.note], ['red', 'hello']);
  });

  it('refuses what it does not take, in words that they understand', () => {
    const { made, again } = seen.kubernetes;
    assert.equal(made['d-refused']?.status, 422);
    assert.match(made['d-refused'].body ?? '', /must be less than or equal to cpu limit of 1/);
    assert.equal(made['e-bad-label']?.status, 422);
    assert.deepEqual([again.status, again.error], [409, 'ApiException']);
    assert.equal(seen.openshiftpods.made['i-full']?.status, 403);
    assert.match(seen.openshiftpods.made['i-full'].body ?? '', /exceeded quota: quota/);
  });

  it('has only those fields in vain that Python Nodepool sends so', () => {
    assert.deepEqual([...new Set(cloud.warnings)].toSorted(), [
      'POST pods: unknown field "restartPolicy"',
      'POST rolebindings: unknown field "userNames"',
    ]);
  });

  it('shows what is left behind, and lets it go', () => {
    const { kubernetes } = seen;
    assert.ok(Object.keys(kubernetes.listed).includes(LEAKED));
    assert.ok(!kubernetes.left.includes(LEAKED));
    assert.ok(kubernetes.left.includes('somebodys'));
  });

  it('gives projects, and pods in them', () => {
    const { made, listed } = seen.openshift;
    assert.equal(made['f-project']?.resource?.namespace, 'proj-0000000105');
    assert.equal(typeof made['f-project'].resource.token, 'string');
    assert.equal(made['g-pod']?.resource?.host, 'node-1');
    assert.equal(listed['proj-0000000105']?.nodepool_node_id, '0000000105');
  });

  it('runs pods in a project that is there, for whoever has its token', () => {
    const { made, token, ca } = seen.openshiftpods;
    assert.equal(made['h-pod']?.host, 'node-1');
    assert.equal(token, cloud.access.token);
    assert.equal(ca, base64(authority));
  });

  it('lets all nodes go', () => {
    const { kubernetes, openshift, openshiftpods } = seen;
    const gone = [...kubernetes.gone, ...openshift.gone, ...openshiftpods.gone];
    assert.ok(gone.length >= 8 && gone.every(Boolean), gone.join());
    const names = cloud.namespaces().map(({ metadata }) => metadata.name);
    assert.deepEqual(names, ['ci', 'somebodys']);
    assert.equal(cloud.counts.pods, 0);
  });
});
