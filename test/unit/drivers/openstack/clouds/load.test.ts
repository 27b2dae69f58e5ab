import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { silentLogger } from '../../../../../shared/base/log.ts';
import type { CloudConfig } from '../../../../../shared/drivers/openstack/client/cloud-config.ts';
import { loadCloud } from '../../../../../shared/drivers/openstack/client/clouds/load.ts';
import type { LoadCloudOptions } from '../../../../../shared/drivers/openstack/client/clouds/load.ts';

const who = 'username: u, user_domain_id: default, password: s3cret';

describe('loading a cloud', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nodepool-cloud-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  const load = (options: Partial<LoadCloudOptions> = {}): Promise<CloudConfig> =>
    loadCloud({
      cloud: 'c',
      regionName: undefined,
      environment: { XDG_CONFIG_DIRS: '/nowhere' },
      homeDirectory: folder,
      workingDirectory: folder,
      ...options,
    });
  const write = (name: string, content: string): Promise<void> =>
    writeFile(join(folder, name), content);

  it('takes the only cloud where none is named', async () => {
    await write('clouds.yaml', `clouds: {only: {auth: {auth_url: http://k, ${who}}}}`);
    assert.equal((await load({ cloud: undefined })).name, 'only');
  });

  it('does not choose among several', async () => {
    await write('clouds.yaml', 'clouds: {a: {}, b: {}}');
    await assert.rejects(load({ cloud: undefined }), /no cloud is named.*known are 'a', 'b'/);
    await assert.rejects(load({ cloud: undefined, environment: { OS_CLOUD: 'x' } }), /cloud 'x'/);
  });

  it('passes over what cannot be read, and says so', async () => {
    await mkdir(join(folder, 'clouds.yaml'));
    await write('clouds.yml', `clouds: {c: {auth: {auth_url: [http://k, ${who}}}}`);
    const warned: unknown[] = [];
    const log = {
      ...silentLogger,
      warn: (_: string, fields?: object) => {
        warned.push(fields);
      },
    };
    await assert.rejects(load({ log }), (error: Error) => {
      assert.match(error.message, /passed over was .*clouds\.yaml: EISDIR/);
      assert.match(error.message, /passed over was .*clouds\.yml: line 1 is no valid YAML/);
      assert.doesNotMatch(error.message, /s3cret/);
      return true;
    });
    assert.deepEqual(warned, [
      { path: join(folder, 'clouds.yaml'), reason: 'EISDIR' },
      { path: join(folder, 'clouds.yml'), reason: 'line 1 is no valid YAML' },
    ]);
  });

  it('looks into each site folder', async () => {
    await mkdir(join(folder, 'b/openstack'), { recursive: true });
    await write('b/openstack/clouds.yaml', `clouds: {c: {auth: {auth_url: http://k, ${who}}}}`);
    const environment = { XDG_CONFIG_DIRS: `${folder}/a:${folder}/b` };
    assert.equal((await load({ environment })).name, 'c');
  });

  it('refuses an entry that is no mapping', async () => {
    await write('clouds.yaml', 'clouds: {c: [1]}');
    await assert.rejects(load(), /^ConfigError: cloud 'c' \(.*clouds\.yaml\): must be a mapping/);
  });

  it('names the environment where it made the cloud', async () => {
    const environment = { OS_AUTH_URL: 'http://k', OS_USERNAME: 'u' };
    await assert.rejects(
      load({ cloud: undefined, environment }),
      /cloud 'envvars' \(environment variables\): auth has no password/,
    );
  });

  describe('whose profile is at the vendor', () => {
    let server: Server;
    let answer: { status: number; body: string } | undefined;

    beforeEach(async () => {
      server = createServer(({ url }, response) => {
        // Without an answer the caller waits.
        if (answer === undefined) return;
        response.writeHead(url === '/.well-known/openstack/api' ? answer.status : 404);
        response.end(answer.body);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      await write(
        'clouds.yaml',
        `clouds: {c: {profile: "http://127.0.0.1:${port}/any", auth: {${who}}}}`,
      );
    });
    afterEach(() => {
      server.closeAllConnections();
      server.close();
    });

    it('fetches it', async () => {
      const profile = {
        auth: { auth_url: 'http://far/v3' },
        image_format: 'raw',
        status: 'active',
      };
      answer = { status: 200, body: JSON.stringify({ name: 'far', profile }) };
      const { auth, imageFormat } = await load();
      assert.equal(auth.method === 'password' && auth.authUrl, 'http://far/v3');
      assert.equal(imageFormat, 'raw');
    });

    it('refuses a failure and what is no profile', async () => {
      answer = { status: 503, body: '' };
      await assert.rejects(load(), /it could not be fetched from .*: status 503/);
      answer = { status: 200, body: '{"name": "x"}' };
      await assert.rejects(load(), /has no name and profile/);
      answer = { status: 200, body: '{"name": "x", "profile": {"status": "shutdown"}}' };
      await assert.rejects(load(), /the cloud no longer exists/);
    });

    it('stops waiting with the signal', async () => {
      answer = undefined;
      const controller = new AbortController();
      const loading = load({ signal: controller.signal });
      server.once('request', () => {
        controller.abort();
      });
      await assert.rejects(loading, /aborted/);
    });
  });
});
