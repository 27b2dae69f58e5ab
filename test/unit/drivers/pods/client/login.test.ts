import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ManualClock } from '../../../../../fixtures/clock.ts';
import { CloudError } from '../../../../../shared/base/errors.ts';
import { silentLogger } from '../../../../../shared/base/log.ts';
import { Login } from '../../../../../shared/drivers/pods/client/login.ts';
import { eventually } from '../../../../support/eventually.ts';
import { never } from './scripted-api.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('the login of a cluster', () => {
  let folder = '';
  let config = '';
  let clock = new ManualClock();

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'np-login-'));
    config = join(folder, 'config');
    clock = new ManualClock();
  });
  afterEach(() => rm(folder, { recursive: true }));

  const write = (name: string, content: string): Promise<void> =>
    writeFile(join(folder, name), content);

  /** A kubeconfig of one user, and of what more its cluster has. */
  const kubeConfig = (user: object, cluster: object = {}): Promise<void> =>
    write(
      'config',
      JSON.stringify({
        'current-context': 'one',
        clusters: [{ name: 'c', cluster: { server: 'https://c.example:6443/', ...cluster } }],
        users: [{ name: 'u', user }],
        contexts: [{ name: 'one', context: { cluster: 'c', user: 'u' } }],
      }),
    );

  const login = (environment: Record<string, string> = {}): Login =>
    new Login({
      clock,
      log: silentLogger,
      environment: { KUBECONFIG: config, PATH: process.env.PATH, ...environment },
      context: undefined,
      serviceAccountFolder: folder,
      section: 'provider pods',
    });

  const fails = async (subject: Login): Promise<CloudError> => {
    try {
      await subject.current(never());
    } catch (error) {
      assert.ok(error instanceof CloudError);
      assert.doesNotMatch(`${error.message} ${error.hint ?? ''} ${String(error.cause)}`, /s3cret/);
      return error;
    }
    throw new assert.AssertionError({ message: 'there is no error' });
  };

  it('by a token', async () => {
    await kubeConfig({ token: 's3cret\n' });
    const pass = await login().current(never());
    assert.equal(pass.server, 'https://c.example:6443');
    assert.equal(pass.context, 'one');
    assert.equal(pass.token, 's3cret');
    assert.deepEqual(pass.headers, { authorization: 'Bearer s3cret' });
    assert.equal(pass.tls.skipVerify, false);
  });

  it('by a password', async () => {
    await kubeConfig({ username: 'u', password: 's3cret', as: 'other' });
    const pass = await login().current(never());
    assert.deepEqual(pass.headers, {
      authorization: `Basic ${base64('u:s3cret')}`,
      'impersonate-user': 'other',
    });
    assert.equal(pass.token, undefined);
  });

  it('by certificates, in the section or in files', async () => {
    await kubeConfig(
      { 'client-certificate-data': base64('CERT'), 'client-key': 'key.pem' },
      {
        'certificate-authority': 'ca.pem',
        'tls-server-name': 'kubernetes',
        'insecure-skip-tls-verify': true,
        'proxy-url': 'http://proxy.example:3128',
      },
    );
    await write('key.pem', 'KEY');
    await write('ca.pem', 'CA');
    const pass = await login().current(never());
    assert.deepEqual(pass.tls, {
      ca: 'CA',
      cert: 'CERT',
      key: 'KEY',
      serverName: 'kubernetes',
      skipVerify: true,
      proxyUrl: 'http://proxy.example:3128',
    });
    assert.deepEqual(pass.headers, {});
  });

  it("through the environment's proxy, where the kubeconfig names none", async () => {
    await kubeConfig({ token: 's3cret' });
    const proxied = await login({ https_proxy: 'http://p:1' }).current(never());
    assert.equal(proxied.tls.proxyUrl, 'http://p:1');
    const exempt = await login({ https_proxy: 'http://p:1', no_proxy: 'c.example' }).current(
      never(),
    );
    assert.equal(exempt.tls.proxyUrl, undefined);
  });

  it('by a file of a token, which is read again each minute', async () => {
    await kubeConfig({ tokenFile: 'token' });
    await write('token', 's3cret1\n');
    const subject = login();
    assert.equal((await subject.current(never())).token, 's3cret1');
    await write('token', 's3cret2\n');
    await clock.advance(30_000);
    assert.equal((await subject.current(never())).token, 's3cret1');
    await clock.advance(30_000);
    assert.equal((await subject.current(never())).token, 's3cret2');
  });

  it('is read anew when the cluster refuses it', async () => {
    await kubeConfig({ token: 's3cret1' });
    const subject = login();
    const pass = await subject.current(never());
    await kubeConfig({ token: 's3cret2' }, { server: 'https://new.example' });
    assert.equal(await subject.current(never()), pass);
    subject.forget(pass);
    const next = await subject.current(never());
    assert.equal(next.token, 's3cret2');
    assert.equal(next.server, 'https://new.example');
    assert.equal(subject.last, next);
  });

  it('is missing only for a while where it was there once', async () => {
    await kubeConfig({ token: 's3cret' });
    const subject = login();
    const pass = await subject.current(never());
    await write('config', 'users: [');
    subject.forget(pass);
    const error = await fails(subject);
    assert.equal(error.code, 'NP_CLOUD_TRANSIENT');
    assert.deepEqual(error.labels, ['retryable']);
    await kubeConfig({ token: 's3cret2' });
    assert.equal((await subject.current(never())).token, 's3cret2');
  });

  it('says which file is missing or empty', async () => {
    await kubeConfig({ tokenFile: 'token' });
    assert.match((await fails(login())).message, /^provider pods: tokenFile .*ENOENT/);
    await write('token', '\n');
    assert.match((await fails(login())).message, /^provider pods: token is empty$/);
    await kubeConfig({ token: 's3cret' }, { 'certificate-authority': 'ca.pem' });
    const { message, code } = await fails(login());
    assert.match(message, /certificate-authority of the kubeconfig cannot be read: ENOENT/);
    assert.equal(code, 'NP_CLOUD_FATAL');
  });

  describe('by the service account of our pod', () => {
    const inPod = { KUBECONFIG: '/nowhere/config', KUBERNETES_SERVICE_PORT: '443' };

    it('where there is no kubeconfig', async () => {
      await write('token', 's3cret\n');
      await write('ca.crt', 'CA');
      const pass = await login({ ...inPod, KUBERNETES_SERVICE_HOST: 'fd00::1' }).current(never());
      assert.equal(pass.server, 'https://[fd00::1]:443');
      assert.equal(pass.context, undefined);
      assert.equal(pass.tls.ca, 'CA');
      assert.deepEqual(pass.headers, { authorization: 'Bearer s3cret' });
    });

    it('follows the token as the cluster puts another into its file', async () => {
      await write('token', 's3cret1');
      await write('ca.crt', 'CA');
      const subject = login({ ...inPod, KUBERNETES_SERVICE_HOST: '10.0.0.1' });
      await subject.current(never());
      await write('token', 's3cret2');
      await clock.advance(60_000);
      assert.equal((await subject.current(never())).token, 's3cret2');
    });

    it('says where a kubeconfig was looked for, and what else is missing', async () => {
      const outside = await fails(login({ KUBECONFIG: '/nowhere/config' }));
      assert.equal(
        outside.message,
        'provider pods: there is no kubeconfig (/nowhere/config), and we run in no pod',
      );
      const without = await fails(login({ ...inPod, KUBERNETES_SERVICE_HOST: '10.0.0.1' }));
      assert.match(without.message, /the pod has no service account: ENOENT/);
      const homeless = await fails(login({ KUBECONFIG: '' }));
      assert.match(homeless.message, /\(neither KUBECONFIG nor HOME is set\)/);
    });
  });

  describe('by a program', () => {
    const V1 = 'client.authentication.k8s.io/v1';

    const program = async (script: string, more: object = {}): Promise<void> => {
      await write('plugin', `#!/bin/sh\necho run >> runs\n${script}\n`);
      await chmod(join(folder, 'plugin'), 0o700);
      const exec = { apiVersion: V1, command: './plugin', args: ['a', 'b c'], ...more };
      await kubeConfig({ exec });
    };

    const credential = (status: object, apiVersion = V1): string =>
      JSON.stringify({ apiVersion, kind: 'ExecCredential', status });

    const runs = async (): Promise<number> => {
      return (await readFile(join(folder, 'runs'), 'utf8')).trim().split('\n').length;
    };

    it('which is run once, until its token ends', async () => {
      const expirationTimestamp = new Date(clock.now() + 600_000).toISOString();
      await program(`echo '${credential({ token: 's3cret', expirationTimestamp })}'`);
      const subject = login();
      assert.equal((await subject.current(never())).token, 's3cret');
      await subject.current(never());
      assert.equal(await runs(), 1);
      await clock.advance(590_000);
      await subject.current(never());
      assert.equal(await runs(), 2);
    });

    it('whose token without an end is good until it is refused', async () => {
      await program(`echo '${credential({ token: 's3cret' })}'`);
      const subject = login();
      const pass = await subject.current(never());
      await clock.advance(86_400_000);
      await subject.current(never());
      assert.equal(await runs(), 1);
      subject.forget(pass);
      await subject.current(never());
      assert.equal(await runs(), 2);
    });

    it('which is told what it is to know, and nothing of ours in its arguments', async () => {
      await program(
        `printf '%s|%s|%s|%s' "$1" "$2" "$MORE" "$KUBERNETES_EXEC_INFO" > told
         echo '${credential({ token: 's3cret' })}'`,
        { env: [{ name: 'MORE', value: 'm' }], provideClusterInfo: true },
      );
      await login().current(never());
      const [one, two, more, info = ''] = (await readFile(join(folder, 'told'), 'utf8')).split('|');
      assert.deepEqual([one, two, more], ['a', 'b c', 'm']);
      const { kind, apiVersion, spec } = JSON.parse(info) as {
        kind: string;
        apiVersion: string;
        spec: { interactive: boolean; cluster: { server: string } };
      };
      assert.deepEqual([kind, apiVersion], ['ExecCredential', V1]);
      assert.equal(spec.interactive, false);
      assert.equal(spec.cluster.server, 'https://c.example:6443');
    });

    it('which may give a certificate', async () => {
      const status = { clientCertificateData: 'CERT', clientKeyData: 'KEY' };
      await program(`echo '${credential(status)}'`);
      const { tls, headers } = await login().current(never());
      assert.deepEqual([tls.cert, tls.key], ['CERT', 'KEY']);
      assert.deepEqual(headers, {});
    });

    const long = 's3cret-that-is-as-long-as-they-are';
    for (const [name, script, words] of [
      [
        'fails',
        `echo 'log in anew: ${long}' >&2; exit 3`,
        /ends with status 3: log in anew: \*\*\*$/,
      ],
      ['is killed', 'kill -9 $$', /ends with SIGKILL$/],
      ['says something else', `echo ${long}`, /gives no ExecCredential with a status$/],
      ['gives nothing', `echo '${credential({})}'`, /neither a token nor a certificate/],
      [
        'speaks another version',
        `echo '${credential({ token: 's3cret' }, 'client.authentication.k8s.io/v1beta1')}'`,
        /speaks client\.authentication\.k8s\.io\/v1beta1, not client/,
      ],
    ] as const)
      it(`which ${name}`, async () => {
        await program(script);
        const { message, code, labels } = await fails(login());
        assert.match(message, /^provider pods: the program \.\/plugin of the kubeconfig /);
        assert.match(message, words);
        assert.equal(code, 'NP_CLOUD_TRANSIENT');
        assert.deepEqual(labels, ['retryable']);
      });

    it('which is not there', async () => {
      await kubeConfig({ exec: { apiVersion: V1, command: 'no-such-program-of-mine' } });
      const { message, code } = await fails(login());
      assert.match(message, /no-such-program-of-mine of the kubeconfig cannot be run: ENOENT$/);
      assert.equal(code, 'NP_CLOUD_FATAL');
    });

    it('which does not end', async () => {
      await program('exec sleep 600');
      const waiting = fails(login());
      // The deadline is set once the kubeconfig is read.
      while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(60_000);
      assert.match((await waiting).message, /does not end within 60 s$/);
    });

    it('which is ended with the signal', async () => {
      await program('echo $$ > pid; mv pid running; exec sleep 600');
      const controller = new AbortController();
      const waiting = login().current(controller.signal);
      const ended = assert.rejects(waiting, /enough/);
      await eventually(() => readFile(join(folder, 'running'), 'utf8'));
      const pid = await readFile(join(folder, 'running'), 'utf8');
      controller.abort(new CloudError('NP_ABORTED', 'enough'));
      await ended;
      await eventually(() => {
        assert.throws(() => process.kill(Number(pid), 0), /ESRCH/);
      });
    });
  });

  describe('by an auth-provider', () => {
    it('which the library asks', async () => {
      await write(
        'plugin',
        `#!/bin/sh\necho '{"token": "s3cret", "end": "2999-01-01T00:00:00Z"}'\n`,
      );
      await chmod(join(folder, 'plugin'), 0o700);
      await kubeConfig({
        'auth-provider': {
          name: 'gcp',
          config: {
            'cmd-path': join(folder, 'plugin'),
            'token-key': '{.token}',
            'expiry-key': '{.end}',
          },
        },
      });
      assert.equal((await login().current(never())).token, 's3cret');
    });

    it('which gives none', async () => {
      await kubeConfig({ 'auth-provider': { name: 'oidc', config: { 'id-token': '' } } });
      const { message, code } = await fails(login());
      assert.match(message, /no token from the auth-provider oidc of the kubeconfig: it gives no/);
      assert.equal(code, 'NP_CLOUD_TRANSIENT');
    });
  });
});
