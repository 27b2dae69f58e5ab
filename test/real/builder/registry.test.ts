/** A registry that wants to know who asks, and a real daemon that has to tell it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { Daemon } from '../../../builder/dib/container/daemon.ts';
import { registryLogin } from '../../../builder/dib/container/registry-login.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { hasCode, messageOf } from '../../../shared/base/errors.ts';
import { Docker } from './docker.ts';

const never = new AbortController().signal;
const AUTHORIZATION = `Basic ${Buffer.from('me:pw').toString('base64')}`;

const digestOf = (data: Buffer | string): string =>
  `sha256:${createHash('sha256').update(data).digest('hex')}`;

/** A tar file with nothing in it. */
const LAYER = Buffer.alloc(1024);
const ZIPPED = gzipSync(LAYER);
const CONFIG = JSON.stringify({
  ...{ architecture: 'amd64', os: 'linux', config: {} },
  rootfs: { type: 'layers', diff_ids: [digestOf(LAYER)] },
});
const MANIFEST_TYPE = 'application/vnd.docker.distribution.manifest.v2+json';
const MANIFEST = JSON.stringify({
  ...{ schemaVersion: 2, mediaType: MANIFEST_TYPE },
  config: {
    mediaType: 'application/vnd.docker.container.image.v1+json',
    ...{ size: CONFIG.length, digest: digestOf(CONFIG) },
  },
  layers: [
    {
      mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
      ...{ size: ZIPPED.length, digest: digestOf(ZIPPED) },
    },
  ],
});

/** One image, by tag and digest, as the registry's protocol has it. */
function contentOf(path: string): { type: string; data: Buffer | string } | undefined {
  if (path.includes('/manifests/')) return { type: MANIFEST_TYPE, data: MANIFEST };
  const blob = [CONFIG, ZIPPED].find((data) => path.endsWith(digestOf(data)));
  return blob === undefined ? undefined : { type: 'application/octet-stream', data: blob };
}

function startRegistry(): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.headers.authorization !== AUTHORIZATION) {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="test"' }).end();
      return;
    }
    const path = request.url ?? '';
    const content = path === '/v2/' ? { type: 'application/json', data: '{}' } : contentOf(path);
    if (content === undefined) {
      response.writeHead(404).end();
      return;
    }
    const { type, data } = content;
    response.writeHead(200, {
      ...{ 'Content-Type': type, 'Content-Length': data.length },
      'Docker-Content-Digest': digestOf(data),
    });
    response.end(request.method === 'HEAD' ? undefined : data);
  });
  return new Promise((resolve) => {
    // Daemons take plain HTTP from this machine only.
    server.listen(0, '127.0.0.1', () => {
      resolve(server);
    });
  });
}

describe('an image of a registry that wants a password', () => {
  let docker: Docker;
  let registry: Server;
  let folder: string;
  let image: string;

  before(async function () {
    this.timeout(300_000);
    docker = await Docker.start();
    registry = await startRegistry();
    folder = await mkdtemp(join(tmpdir(), 'registry-'));
    image = `127.0.0.1:${(registry.address() as AddressInfo).port}/team/dib`;
  });
  after(async () => {
    await docker.command('image', 'rm', '--force', image).catch(() => undefined);
    registry.close();
    await rm(folder, { recursive: true });
  });

  const pull = async (password: string): Promise<void> => {
    const auth = Buffer.from(`me:${password}`).toString('base64');
    const auths = { [image.split('/')[0] ?? '']: { auth } };
    await writeFile(join(folder, 'config.json'), JSON.stringify({ auths }));
    const environment = { DOCKER_CONFIG: folder };
    const login = await registryLogin(image, { environment, home: folder }, never);
    const daemon = await Daemon.connect({ kind: 'socket', path: docker.socket }, systemClock);
    await daemon.pull(image, login, never);
    assert.ok(await daemon.hasImage(image));
  };

  it('is refused with a wrong one, which is not shown', () =>
    assert.rejects(pull('secret'), (error: unknown) => {
      assert.ok(hasCode(error, 'NP_BUILD_RUNNER'));
      assert.match(messageOf(error), /cannot be pulled/);
      assert.doesNotMatch(messageOf(error), /secret/);
      return true;
    }));

  it('is pulled with that of docker login', () => pull('pw'));
});
