/**
 * Zuul's side of a node: its executor makes a kubeconfig of the connection object, with which the job may do
 * what Python Nodepool's roles allow, and no more.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { KubeApi } from './api.ts';
import type { Ground } from './ground.ts';
import { contextOf, podLabel, spaceLabel, type Kind } from './kinds.ts';
import { play, type Fields, type Lent } from './scene.ts';
import { kubeOrSkip, stopKube, type KubeServices } from './services.ts';

/** `verb resource` of the core group, if nothing else is said: `create pods/exec`, `list nodes`. */
type Wish = `${string} ${string}`;

interface Case {
  readonly kind: Kind;
  readonly label: Fields;
  readonly may: readonly Wish[];
  readonly mayNot: readonly Wish[];
}

/** In the cluster as a whole. */
const NEVER: readonly Wish[] = ['list nodes', 'list namespaces', 'create namespaces', 'list pods'];

const CASES: readonly Case[] = [
  {
    kind: 'kubernetes',
    label: spaceLabel('kubernetes') ?? {},
    may: ['create pods', 'create pods/exec', 'create configmaps', 'watch secrets', 'list services'],
    mayNot: ['create serviceaccounts', 'create persistentvolumeclaims'],
  },
  {
    kind: 'kubernetes',
    label: podLabel('kubernetes'),
    may: ['get pods', 'list pods', 'create pods/exec', 'get pods/logs', 'create pods/portforward'],
    mayNot: ['create pods', 'delete pods', 'get secrets', 'create configmaps'],
  },
  {
    kind: 'openshift',
    label: spaceLabel('openshift') ?? {},
    may: ['create pods', 'create pods/exec', 'create serviceaccounts', 'get secrets'],
    mayNot: ['list nodes', 'create namespaces', 'patch resourcequotas'],
  },
];

describe('what Zuul is handed', function () {
  this.timeout(300_000);
  let services: KubeServices;
  before(async function () {
    services = await kubeOrSkip(this);
  });
  after(stopKube);

  for (const { kind, label, may, mayNot } of CASES)
    it(`${kind}, ${String(label.type)}: its job may do what the role says and no more`, () =>
      play(services, kind, async (scene) => {
        await scene.configure({
          labels: { mine: label, others: podLabel(kind) },
          provider: { context: `${contextOf(kind)}-direct` },
        });
        await scene.start();
        const [lent, other] = [await scene.lend('mine'), await scene.lend('others')];
        const job = await asZuul(scene.ground, lent);
        for (const wish of may) assert.ok(await isAllowed(job, wish), `may not ${wish}`);
        for (const wish of mayNot) assert.ok(!(await isAllowed(job, wish)), `may ${wish}`);
        for (const wish of NEVER)
          assert.ok(!(await isAllowed({ ...job, namespace: '' }, wish)), `may ${wish} everywhere`);
        // Nothing in the namespace of another node.
        const elsewhere = { ...job, namespace: namespaceOf(other) };
        for (const wish of may) assert.ok(!(await isAllowed(elsewhere, wish)), `may ${wish} there`);
        // And it works: what the authorizer says is what the server does.
        const pods = await job.api.list(`/api/v1/namespaces/${job.namespace}/pods`);
        const names = pods.map(({ metadata }) => metadata.name);
        assert.deepEqual(names, label.type === 'pod' ? ['mine'] : []);
        await job.api.close();
        await scene.giveBack(lent);
        await scene.giveBack(other);
        await scene.untilEmpty();
      }));
});

/** A job's way to the cluster. */
interface Job {
  readonly api: KubeApi;
  readonly namespace: string;
}

function namespaceOf({ node }: Lent): string {
  return (node.connection_port as { namespace: string }).namespace;
}

async function asZuul({ services, folder }: Ground, { node }: Lent): Promise<Job> {
  const path = join(folder, 'job-kubeconfig');
  await runZuul(services, path, node.connection_port);
  interface Config {
    readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[];
    readonly users: readonly { readonly user: { readonly token: string } }[];
    readonly contexts: readonly { readonly context: { readonly namespace: string } }[];
  }
  const { clusters, users, contexts } = parse(await readFile(path, 'utf8')) as Config;
  const cluster = clusters[0]?.cluster ?? {};
  const ca = Buffer.from(cluster['certificate-authority-data'] ?? '', 'base64').toString();
  const api = new KubeApi(cluster.server ?? '', ca, users[0]?.user.token ?? '');
  return { api, namespace: contexts[0]?.context.namespace ?? '' };
}

function runZuul({ peers }: KubeServices, path: string, connection: unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = join(import.meta.dirname, 'as-zuul.py');
    const child = spawn(peers.zuulPython, [script, path], { stdio: ['pipe', 'ignore', 'inherit'] });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`Zuul cannot use it: ${String(code)}`));
    });
    child.stdin.end(JSON.stringify(connection));
  });
}

/** By the cluster's own authorizer. */
async function isAllowed({ api, namespace }: Job, wish: Wish): Promise<boolean> {
  const [verb = '', what = ''] = wish.split(' ');
  const [resource = '', subresource = ''] = what.split('/');
  const answer = await api.create('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
    spec: { resourceAttributes: { namespace, verb, resource, subresource } },
  });
  return (answer.status as { allowed: boolean }).allowed;
}
