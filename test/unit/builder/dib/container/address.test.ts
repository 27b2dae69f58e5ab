import assert from 'node:assert/strict';

import { addressText, daemonAddress } from '../../../../../builder/dib/container/address.ts';
import { hasCode } from '../../../../../shared/base/errors.ts';

const read = (environment: Record<string, string>, host?: string) =>
  daemonAddress({ host, environment, home: '/home/me' });
const filesIn = (folder: string) => ({
  ca: `${folder}/ca.pem`,
  cert: `${folder}/cert.pem`,
  key: `${folder}/key.pem`,
});

describe('the address of the Docker daemon', () => {
  it('is that of the configuration, of the environment, or the usual one', () => {
    const environment = { DOCKER_HOST: 'unix:///env.sock' };
    assert.deepEqual(read(environment, 'unix:///file.sock'), {
      kind: 'socket',
      path: '/file.sock',
    });
    assert.deepEqual(read(environment), { kind: 'socket', path: '/env.sock' });
    for (const none of [{}, { DOCKER_HOST: '' }])
      assert.deepEqual(read(none), { kind: 'socket', path: '/var/run/docker.sock' });
  });

  it('is of TCP, with the usual port', () => {
    const plain = { kind: 'tcp', host: 'build.test', port: 2375, tls: undefined };
    assert.deepEqual(read({ DOCKER_HOST: 'tcp://build.test' }), plain);
    assert.deepEqual(read({ DOCKER_HOST: 'http://build.test:80' }), { ...plain, port: 80 });
    assert.deepEqual(read({}, 'tcp://[fd00::1]:4000'), { ...plain, host: 'fd00::1', port: 4000 });
  });

  it('is of TLS, where anything says so', () => {
    const secure = (folder: string, port = 2376) => {
      return { kind: 'tcp', host: 'build.test', port, tls: filesIn(folder) };
    };
    const host = 'tcp://build.test';
    assert.deepEqual(read({ DOCKER_TLS_VERIFY: '1' }, host), secure('/home/me/.docker'));
    assert.deepEqual(read({ DOCKER_CERT_PATH: '/certs' }, host), secure('/certs'));
    assert.deepEqual(read({}, 'https://build.test:443'), secure('/home/me/.docker', 443));
    const environment = { DOCKER_TLS_VERIFY: '', DOCKER_CERT_PATH: '' };
    assert.equal(addressText(read(environment, host)), 'tcp://build.test:2375');
  });

  it('is refused where it is none', () => {
    for (const host of ['somewhere', 'ssh://build.test', 'unix://relative', 'tcp://', 'tcp://a:b'])
      assert.throws(
        () => read({ DOCKER_HOST: host }),
        (error: Error) => hasCode(error, 'NP_BUILD_RUNNER') && error.message.includes(host),
        host,
      );
  });

  it('has a text for people', () => {
    assert.equal(addressText(read({}, 'unix:///a.sock')), 'unix:///a.sock');
    assert.equal(addressText(read({}, 'tcp://[fd00::1]:1')), 'tcp://[fd00::1]:1');
    assert.equal(addressText(read({}, 'https://a')), 'https://a:2376');
  });
});
