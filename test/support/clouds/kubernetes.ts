/** The clusters in memory for the tests of test/support/cloud-walk.ts. */
import assert from 'node:assert/strict';
import type { CloudFault, Fields } from '../cloud-site.ts';
import type { WalkedCloud, WalkedKind } from '../cloud-walk.ts';
import { KubeSite, PROVIDER, type KubeDriver } from '../kube-site.ts';
import type { ZnodeRecord } from '../zuul-side.ts';

/** Three times are for good, for this time. */
const times = 3;

const doomOf = (...calls: readonly string[]): CloudFault[] =>
  calls.map((call, index) => ({ call, mode: index % 2 === 0 ? 'fail' : 'hang', times }));

/** What is listed once and watched from then on; test/integration/drivers has tests of that. */
const watched = (key: string): readonly string[] => [`GET ${key}`, `WATCH ${key}`];

const ACCOUNT = ['POST serviceaccounts', 'POST secrets'];
const ROLE = ['POST roles', 'POST rolebindings'];

interface Calls {
  readonly start: readonly string[];
  /** Each node has some of these of its own. */
  readonly own: readonly string[];
  readonly watched: readonly string[];
  readonly label?: Fields;
  readonly doom: readonly CloudFault[];
  readonly stubborn: string;
}

function kindOf({ own, watched: shared, stubborn, ...rest }: Calls): WalkedKind {
  return { ...rest, own, life: [...own, ...shared], stubborn: [stubborn] };
}

/** All that is there is that node's. */
function check(site: KubeSite, node: ZnodeRecord, pod: string | null): void {
  const { cloud } = site;
  const id = String(node.external_id);
  assert.deepEqual(
    cloud.namespaces().map(({ metadata }) => metadata.name),
    [id],
    'one namespace, the reported one',
  );
  const { labels, annotations } = cloud.namespaces()[0]?.metadata ?? {};
  // Some OpenShifts keep no labels.
  const description = annotations?.['openshift.io/description'] ?? '';
  const owner = labels?.nodepool_provider_name ?? /of provider (.+)$/.exec(description)?.[1];
  assert.equal(owner, PROVIDER);
  const pods = cloud.podsOf(id).map(({ metadata }) => metadata.name);
  assert.deepEqual(pods, pod === null ? [] : [pod]);
  assert.equal(node.interface_ip, pod);
  checkConnection(site, node, { namespace: id, user: 'zuul-worker' });
}

function checkConnection(
  { origin, authority, cloud }: KubeSite,
  { connection_port: port }: ZnodeRecord,
  expected: object,
): void {
  const { token, ca_crt: ca, ...rest } = port as Readonly<Record<string, unknown>>;
  assert.equal(ca, Buffer.from(authority).toString('base64'));
  assert.deepEqual({ ...rest, ...expected, host: origin, skiptls: false }, rest);
  // It lets somebody in.
  assert.ok(cloud.access.userOf(`Bearer ${String(token)}`));
  assert.deepEqual(cloud.warnings, [], 'fields that the cluster does not know');
}

const podOf = ({ connection_port: port }: ZnodeRecord): string | null =>
  (port as { readonly pod?: string }).pod ?? null;

const LATE = {
  ...{ scheduleSeconds: 0.1, tokenSeconds: 0.3, ownSeconds: 0.3, watchLagSeconds: 0.3 },
  ...{ createSeconds: 0.2, deleteSeconds: 0.3 },
};

/** What the two drivers have in common whose nodes have a namespace or project of their own. */
function spacesOf(driver: KubeDriver, key: 'namespaces' | 'projects') {
  return {
    driver,
    open: () => KubeSite.open(driver),
    signIn: [],
    looks: [],
    listing: 'WATCH pods',
    shownAt: 1,
    machines: ({ cloud }: KubeSite) =>
      cloud.podsOf().map(({ metadata }) => metadata.namespace ?? ''),
    losses: [
      {
        what: 'somebody else deletes the pod',
        strike: ({ cloud }: KubeSite, namespace: string) => {
          cloud.vanish(namespace, 'small');
        },
        words: /pod small was deleted by somebody else/,
      },
      {
        what: 'somebody else deletes all of it',
        strike: ({ cloud }: KubeSite, namespace: string) => {
          cloud.vanish(namespace);
        },
        words: /pod small was deleted by somebody else/,
      },
      {
        what: 'the pod is evicted',
        strike: ({ cloud }: KubeSite, namespace: string) => {
          cloud.pods.fail({ namespace, name: 'small' });
        },
        words: /pod small ended \(Failed\): Evicted: The node was low on resource/,
      },
    ],
    check: (site: KubeSite, node: ZnodeRecord) => {
      check(site, node, podOf(node));
    },
    lagging: { open: () => KubeSite.open(driver, LATE), calls: [`GET ${key}/*`] },
  };
}

export const KUBERNETES: WalkedCloud<KubeSite> = {
  ...spacesOf('kubernetes', 'namespaces'),
  kinds: {
    'a pod': kindOf({
      start: ['GET namespaces'],
      own: [
        ...['POST namespaces', ...ACCOUNT, ...ROLE, 'POST pods'],
        ...['GET namespaces/*', 'DELETE namespaces/*'],
      ],
      watched: [...watched('secrets'), ...watched('pods'), ...watched('namespaces')],
      doom: doomOf('POST namespaces', 'POST pods', 'POST secrets', 'POST rolebindings'),
      stubborn: 'DELETE namespaces/*',
    }),
    'a namespace': kindOf({
      label: { type: 'namespace' },
      start: ['GET namespaces'],
      own: [
        ...['POST namespaces', ...ACCOUNT, ...ROLE],
        ...['GET namespaces/*', 'DELETE namespaces/*'],
      ],
      watched: [...watched('secrets'), ...watched('namespaces')],
      doom: doomOf('POST serviceaccounts', 'POST roles'),
      stubborn: 'DELETE namespaces/*',
    }),
  },
};

export const OPENSHIFT: WalkedCloud<KubeSite> = {
  ...spacesOf('openshift', 'projects'),
  kinds: {
    'a pod': kindOf({
      start: ['GET projects'],
      own: [
        ...['POST projectrequests', ...ACCOUNT, 'POST openshift rolebindings', 'POST pods'],
        ...['GET projects/*', 'DELETE projects/*'],
      ],
      watched: [...watched('secrets'), ...watched('pods'), ...watched('projects')],
      doom: doomOf('POST projectrequests', 'POST pods', 'POST openshift rolebindings'),
      stubborn: 'DELETE projects/*',
    }),
    'a project': kindOf({
      label: { type: 'project' },
      start: ['GET projects'],
      own: [
        ...['POST projectrequests', ...ACCOUNT, 'POST openshift rolebindings'],
        ...['GET projects/*', 'DELETE projects/*'],
      ],
      watched: [...watched('secrets'), ...watched('projects')],
      doom: doomOf('POST secrets', 'POST projectrequests'),
      stubborn: 'DELETE projects/*',
    }),
  },
};

/** The project that the pods are in. */
const PROJECT = 'main';

const podNames = ({ cloud }: KubeSite): readonly string[] =>
  cloud.podsOf(PROJECT).map(({ metadata }) => metadata.name);

export const OPENSHIFTPODS: WalkedCloud<KubeSite> = {
  driver: 'openshiftpods',
  open: () => KubeSite.open('openshiftpods'),
  signIn: [],
  looks: [],
  listing: 'WATCH pods',
  shownAt: 1,
  kinds: {
    'a pod': kindOf({
      start: ['GET pods/*', 'GET resourcequotas', 'GET pods'],
      own: ['POST pods', 'GET pods/*', 'DELETE pods/*'],
      watched: ['WATCH pods'],
      doom: doomOf('POST pods', 'POST pods'),
      stubborn: 'DELETE pods/*',
    }),
  },
  machines: podNames,
  losses: [
    {
      what: 'somebody else deletes the pod',
      strike: ({ cloud }, name) => {
        cloud.vanish(PROJECT, name);
      },
      words: /pod small-\d+ was deleted by somebody else/,
    },
    {
      what: 'the pod is evicted',
      strike: ({ cloud }, name) => {
        cloud.pods.fail({ namespace: PROJECT, name });
      },
      words: /ended \(Failed\): Evicted: The node was low on resource/,
    },
  ],
  check: (site, node) => {
    const names = podNames(site);
    assert.deepEqual(
      names.map((name) => `${PROJECT}-${name}`),
      [node.external_id],
    );
    assert.equal(node.interface_ip, names[0]);
    const [pod] = site.cloud.podsOf(PROJECT);
    assert.equal(pod?.metadata.labels?.nodepool_provider_name, PROVIDER);
    checkConnection(site, node, { namespace: PROJECT, pod: names[0], user: 'zuul-worker' });
  },
  lagging: { open: () => KubeSite.open('openshiftpods', LATE), calls: ['GET pods/*'] },
};
