import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { registryLogin } from '../../../../../builder/dib/container/registry-login.ts';
import { hasCode, messageOf } from '../../../../../shared/base/errors.ts';

const IMAGE = 'registry.example:5000/team/dib:1';
const SERVER = 'registry.example:5000';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('registryLogin', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'login-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const find = (environment: Record<string, string> = {}, image = IMAGE, signal = never()) => {
    const PATH = `${folder}${delimiter}${process.env.PATH ?? ''}`;
    const all = { PATH, DOCKER_CONFIG: folder, ...environment };
    return registryLogin(image, { environment: all, home: folder }, signal);
  };
  const never = (): AbortSignal => new AbortController().signal;
  const configure = (config: unknown, path = folder): Promise<void> =>
    writeFile(join(path, 'config.json'), JSON.stringify(config));
  const helper = (script: string): Promise<void> =>
    writeFile(join(folder, 'docker-credential-test'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

  it('knows nothing where there is no file', async () => {
    assert.equal(await find(), undefined);
  });

  for (const name of [SERVER, `https://${SERVER}`, `https://${SERVER}/v1/`])
    it(`finds user and password under ${name}`, async () => {
      await configure({
        auths: { other: { auth: base64('x:y') }, [name]: { auth: base64('me:a:b') } },
      });
      const login = { username: 'me', password: 'a:b', serveraddress: SERVER };
      assert.deepEqual(await find(), login);
    });

  it('finds a token', async () => {
    await configure({ auths: { [SERVER]: { auth: base64('me:'), identitytoken: 'token' } } });
    assert.deepEqual(await find(), { identitytoken: 'token', serveraddress: SERVER });
  });

  it('finds what is meant for Docker’s own registry', async () => {
    const hub = 'https://index.docker.io/v1/';
    await configure({ auths: { [hub]: { auth: base64('me:pw') } } });
    const login = { username: 'me', password: 'pw', serveraddress: hub };
    assert.deepEqual(await find({}, 'team/dib'), login);
    assert.equal(await find(), undefined);
  });

  it('looks in ~/.docker without DOCKER_CONFIG', async () => {
    await mkdir(join(folder, '.docker'));
    await configure({ auths: { [SERVER]: { auth: base64('me:pw') } } }, join(folder, '.docker'));
    assert.equal((await find({ DOCKER_CONFIG: '' }))?.username, 'me');
  });

  it('takes no entry that says nothing', async () => {
    for (const entry of [{}, { auth: '' }, { auth: base64('no colon') }, { auth: base64(':pw') }]) {
      await configure({ auths: { [SERVER]: entry } });
      assert.equal(await find(), undefined);
    }
  });

  it('asks the program of the registry, and the one of all others', async () => {
    await helper(`read server; echo '{"Username":"of","Secret":"'"$server $1"'"}'`);
    const login = { username: 'of', password: `${SERVER} get`, serveraddress: SERVER };
    const auths = { [SERVER]: { auth: base64('old:old') } };
    await configure({ auths, credHelpers: { [SERVER]: 'test' }, credsStore: 'missing' });
    assert.deepEqual(await find(), login);
    await configure({ auths, credsStore: 'test' });
    assert.deepEqual(await find(), login);
  });

  it('takes a token from a program', async () => {
    await configure({ credsStore: 'test' });
    await helper(`echo '{"Username":"<token>","Secret":"token"}'`);
    assert.deepEqual(await find(), { identitytoken: 'token', serveraddress: SERVER });
  });

  it('is a stranger where the program knows nothing', async () => {
    await configure({ credsStore: 'test' });
    await helper('echo credentials not found in native keychain; exit 1');
    assert.equal(await find(), undefined);
  });

  const fails = (running: Promise<unknown>, words: RegExp): Promise<void> =>
    assert.rejects(running, (error: unknown) => {
      assert.ok(hasCode(error, 'NP_BUILD_RUNNER'));
      assert.match(messageOf(error), words);
      assert.doesNotMatch(messageOf(error), /secret/);
      return true;
    });

  it('says which program failed, and not what it said', async () => {
    await configure({ credsStore: 'test' });
    await helper('echo secret; echo secret >&2; exit 3');
    await fails(find(), /docker-credential-test for registry\.example:5000: exit code 3/);
    await helper('echo secret');
    await fails(find(), /docker-credential-test.*cannot be read/);
    await configure({ credsStore: 'missing' });
    await fails(find(), /docker-credential-missing.*ENOENT/);
  });

  it('says which file is wrong', async () => {
    for (const text of ['{"auths": "secret"}', '{secret', '[]']) {
      await writeFile(join(folder, 'config.json'), text);
      await fails(find(), /config\.json is no configuration/);
    }
    await rm(join(folder, 'config.json'));
    await mkdir(join(folder, 'config.json'));
    await fails(find(), /config\.json cannot be read \(EISDIR\)/);
  });

  it('gives up a program when it is told to', async () => {
    await configure({ credsStore: 'test' });
    await helper('exec sleep 600');
    const stop = new AbortController();
    const found = find({}, IMAGE, stop.signal);
    stop.abort();
    await assert.rejects(found);
  });
});
