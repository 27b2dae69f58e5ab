import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CloudError } from '../../../../../shared/base/errors.ts';
import {
  kubeConfigFiles,
  readKubeConfig,
} from '../../../../../shared/drivers/pods/client/kube-config.ts';

const FIRST = `
apiVersion: v1
kind: Config
current-context: one
clusters:
- {name: red, cluster: {server: 'https://red.example:6443/', certificate-authority: ca.pem}}
users:
- {name: me, user: {token: s3cret}}
contexts:
- {name: one, context: {cluster: red, user: me}}
`;
const SECOND = `
current-context: two
clusters:
- {name: red, cluster: {server: 'https://other.example'}}
- name: blue
  cluster: {server: 'http://blue.example', insecure-skip-tls-verify: yes, tls-server-name: b, proxy-url: 'socks5://p:1'}
users:
- {name: 7, user: {username: u, password: 8}}
contexts:
- {name: two, context: {cluster: blue, user: 7}}
- {name: lost, context: {cluster: green, user: me}}
- {name: alone, context: {cluster: red, user: nobody}}
`;

describe('the kubeconfig', () => {
  let folder = '';
  let first = '';
  let second = '';

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'np-kubeconfig-'));
    first = join(folder, 'a', 'config');
    second = join(folder, 'b', 'config');
    await mkdir(join(folder, 'a'));
    await mkdir(join(folder, 'b'));
    await writeFile(first, FIRST);
    await writeFile(second, SECOND);
  });
  after(() => rm(folder, { recursive: true }));

  const file = async (text: string): Promise<string> => {
    const path = join(folder, 'c');
    await writeFile(path, text);
    return path;
  };

  it('is where KUBECONFIG says, else in the home folder', () => {
    assert.deepEqual(kubeConfigFiles({ KUBECONFIG: '/a:/b::~/c', HOME: '/h' }), [
      '/a',
      '/b',
      '/h/c',
    ]);
    assert.deepEqual(kubeConfigFiles({ KUBECONFIG: '', HOME: '/h' }), ['/h/.kube/config']);
    assert.deepEqual(kubeConfigFiles({}), []);
  });

  it('of several files is one: the first of a name, the last current-context', async () => {
    const chosen = await readKubeConfig([first, join(folder, 'none'), second], undefined, 'p');
    assert.ok(chosen);
    assert.equal(chosen.context, 'two');
    assert.equal(chosen.cluster.server, 'http://blue.example');
    assert.equal(chosen.cluster['insecure-skip-tls-verify'], true);
    assert.equal(chosen.cluster['tls-server-name'], 'b');
    assert.equal(chosen.cluster['proxy-url'], 'socks5://p:1');
    assert.equal(chosen.user?.username, 'u');
    assert.equal(chosen.user.password, '8');
    const one = await readKubeConfig([first, second], 'one', 'p');
    assert.equal(one?.cluster.server, 'https://red.example:6443');
    assert.equal(one.user?.token, 's3cret');
  });

  it('has paths that begin at the file that they stand in', async () => {
    const chosen = await readKubeConfig([second, first], 'one', 'p');
    assert.equal(chosen?.cluster.server, 'https://other.example');
    assert.equal(chosen.clusterFolder, join(folder, 'b'));
    assert.equal(chosen.userFolder, join(folder, 'a'));
  });

  it('may name a user that is not there', async () => {
    assert.equal((await readKubeConfig([first, second], 'alone', 'p'))?.user, undefined);
  });

  it('is none where no file is there', async () => {
    assert.equal(await readKubeConfig([join(folder, 'none')], 'one', 'p'), undefined);
    assert.equal(await readKubeConfig([], undefined, 'p'), undefined);
  });

  const fails = async (files: readonly string[], context?: string): Promise<CloudError> => {
    try {
      await readKubeConfig(files, context, 'provider pods');
    } catch (error) {
      assert.ok(error instanceof CloudError);
      assert.equal(error.code, 'NP_CLOUD_FATAL');
      assert.doesNotMatch(`${error.message} ${error.hint ?? ''} ${String(error.cause)}`, /s3cret/);
      return error;
    }
    throw new assert.AssertionError({ message: 'there is no error' });
  };

  it('without the context: says files and contexts', async () => {
    const { message, hint } = await fails([first, second], 'three');
    assert.equal(message, `provider pods: ${first}, ${second} has no context three`);
    assert.match(hint ?? '', /there are: one, two, lost, alone$/);
  });

  it('without a current-context, or a cluster: says so', async () => {
    const none = await file('contexts: []\n');
    assert.match((await fails([none])).message, /has no current-context$/);
    assert.match((await fails([none])).hint ?? '', /there are: none$/);
    const { message } = await fails([first, second], 'lost');
    assert.match(message, /has no cluster green, which context lost names$/);
  });

  it('that is no YAML, or of another form: says where, and nothing of what stands there', async () => {
    const broken = await file('users:\n- {name: me, user: {token: s3cret}\n');
    assert.match((await fails([broken])).message, /is no YAML: line \d+$/);
    const list = await file('- s3cret\n');
    assert.match((await fails([list])).message, /has a wrong object$/);
    const nameless = await file('users:\n- {user: {token: s3cret}}\n');
    assert.match((await fails([nameless])).message, /has a wrong users\.0\.name$/);
    const wrong = await file(FIRST.replace('https://red.example:6443/', 's3cret'));
    assert.match((await fails([wrong])).message, /cluster red of .* lacks or has a wrong server$/);
    const odd = await file(FIRST.replace('{token: s3cret}', '{exec: {command: [s3cret]}}'));
    assert.match((await fails([odd])).message, /user me .* wrong exec\.apiVersion, exec\.command$/);
  });

  it('that cannot be read: says why', async () => {
    assert.match((await fails([folder])).message, /cannot be read: EISDIR/);
  });

  it('cares for no entry but the chosen ones', async () => {
    const path = await file(`${FIRST}- {name: broken, context: 7}\n`);
    assert.equal((await readKubeConfig([path], 'one', 'p'))?.context, 'one');
  });
});
