/** The SDK's ways to credentials, each in a process of its own; files that are corrected. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { portOf } from '../../../fixtures/processes/ports.ts';
import { removeNow, removeWithUs } from '../../../fixtures/processes/reaper.ts';
import { startAwsProxy, type AwsProxy } from '../../../fixtures/proxy/aws-proxy.ts';
import { motoOrSkip } from './moto.ts';

const SCRIPT = join(import.meta.dirname, 'ask-zones.ts');
const CALL = 'DescribeAvailabilityZones';
const SECRET = 'a-secret-that-nobody-shows';

interface Answer {
  readonly zones?: readonly string[];
  readonly code?: string;
  readonly message?: string;
  readonly hint?: string;
}

describe('credentials of AWS', function () {
  this.timeout(300_000);
  let proxy: AwsProxy;
  let folder: string;
  const closers: (() => Promise<void>)[] = [];
  before(async function () {
    const moto = await motoOrSkip(this);
    proxy = await startAwsProxy(moto.url);
    closers.push(() => proxy.close());
  });
  after(async () => {
    for (const close of closers) await close();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nodepool-aws-'));
    removeWithUs(folder);
    proxy.forget();
  });
  afterEach(() => removeNow(folder));

  const keys = (id: string): string =>
    `aws_access_key_id = ${id}\naws_secret_access_key = ${SECRET}\n`;
  const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);

  interface Asking {
    readonly profile?: string;
    readonly environment?: Readonly<Record<string, string>>;
    /** Before each further question. */
    readonly between?: readonly (() => Promise<void>)[];
    /** For each further question. Default: a new client. */
    readonly how?: 'new' | 'again';
  }

  async function ask(asking: Asking): Promise<readonly Answer[]> {
    const { profile = '', environment = {}, between = [], how = 'new' } = asking;
    const child = spawn(process.execPath, ['--import=tsx', SCRIPT, profile], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: {
        ...{ PATH: process.env.PATH, HOME: folder, NODE_NO_WARNINGS: '1' },
        ...{ AWS_ENDPOINT_URL: proxy.url, AWS_EC2_METADATA_DISABLED: 'true' },
        AWS_CONFIG_FILE: join(folder, 'config'),
        AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
        ...environment,
      },
    });
    const answers: Answer[] = [];
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const question = async (line: string): Promise<void> => {
      child.stdin.write(`${line}\n`);
      const { value } = (await lines.next()) as { value: string };
      assert.ok(!value.includes(SECRET), 'a secret is shown');
      answers.push(JSON.parse(value) as Answer);
    };
    try {
      await question('new');
      for (const step of between) {
        await step();
        await question(how);
      }
    } finally {
      child.stdin.end();
      await once(child, 'exit');
    }
    return answers;
  }

  const works = async (asking: Asking, key: RegExp): Promise<void> => {
    const [answer] = await ask(asking);
    assert.ok(answer?.zones?.includes('us-west-2a'), JSON.stringify(answer));
    const [used = '', ...more] = proxy.accessKeys(CALL);
    assert.match(used, key);
    assert.equal(more.length, 0);
  };
  const fails = async (asking: Asking): Promise<Answer> => {
    const [answer = {}] = await ask(asking);
    assert.equal(answer.code, 'NP_CLOUD_FATAL', JSON.stringify(answer));
    assert.equal(proxy.accessKeys(CALL).length, 0);
    return answer;
  };

  it('come from the environment', () =>
    works(
      { environment: { AWS_ACCESS_KEY_ID: 'ENVKEY', AWS_SECRET_ACCESS_KEY: SECRET } },
      /^ENVKEY$/,
    ));

  it('come from the default profile', async () => {
    await write('credentials', `[default]\n${keys('DEFAULTKEY')}`);
    await works({}, /^DEFAULTKEY$/);
  });

  it('come from profile-name, over the environment', async () => {
    await write('credentials', `[default]\n${keys('DEFAULTKEY')}[one]\n${keys('PROFILEKEY')}`);
    const environment = { AWS_ACCESS_KEY_ID: 'ENVKEY', AWS_SECRET_ACCESS_KEY: SECRET };
    await works({ profile: 'one', environment }, /^PROFILEKEY$/);
  });

  it('come from a profile of the config file', async () => {
    await write('config', `[profile one]\n${keys('CONFIGKEY')}`);
    await works({ profile: 'one' }, /^CONFIGKEY$/);
  });

  it('come from AWS_PROFILE', async () => {
    await write('credentials', `[two]\n${keys('TWOKEY')}`);
    await works({ environment: { AWS_PROFILE: 'two' } }, /^TWOKEY$/);
  });

  it('come from a role that another profile may take', async () => {
    const role = 'role_arn = arn:aws:iam::123456789012:role/nodepool\nsource_profile = base\n';
    await write('credentials', `[base]\n${keys('BASEKEY')}`);
    await write('config', `[profile one]\nregion = us-west-2\n${role}`);
    await works({ profile: 'one' }, /^ASIA/);
    assert.deepEqual(proxy.accessKeys('AssumeRole'), ['BASEKEY']);
  });

  it('come from a command', async () => {
    const json = { Version: 1, AccessKeyId: 'PROCESSKEY', SecretAccessKey: SECRET };
    await write('keys.json', JSON.stringify(json));
    await write('config', `[profile one]\ncredential_process = cat ${join(folder, 'keys.json')}\n`);
    await works({ profile: 'one' }, /^PROCESSKEY$/);
  });

  it('come from a web identity', async () => {
    await write('token', 'a-token');
    const environment = {
      AWS_WEB_IDENTITY_TOKEN_FILE: join(folder, 'token'),
      AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/nodepool',
      AWS_REGION: 'us-west-2',
    };
    await works({ environment }, /^ASIA/);
    assert.equal(proxy.counts().AssumeRoleWithWebIdentity, 1);
  });

  it("come from a container's role", async () => {
    const server = createServer(({ headers }, answer) => {
      const isKnown = headers.authorization === 'a-token';
      const Expiration = new Date(Date.now() + 3_600_000).toISOString();
      const json = { AccessKeyId: 'CONTAINERKEY', SecretAccessKey: SECRET, Token: 'x', Expiration };
      answer.writeHead(isKnown ? 200 : 403, { 'content-type': 'application/json' });
      answer.end(JSON.stringify(isKnown ? json : {}));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const environment = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${portOf(server)}/role`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'a-token',
    };
    try {
      await works({ environment }, /^CONTAINERKEY$/);
    } finally {
      server.close();
    }
  });

  it('that are nowhere are an error that says where to put them', async () => {
    const { message, hint } = await fails({});
    assert.match(message ?? '', /no AWS credentials for provider one/);
    assert.match(hint ?? '', /AWS_ACCESS_KEY_ID.*profile-name of provider one/);
  });

  it('of a profile that is nowhere are an error with its name', async () => {
    await write('credentials', `[default]\n${keys('DEFAULTKEY')}`);
    const { message, hint } = await fails({ profile: 'nobody' });
    assert.match(message ?? '', /provider one with profile nobody/);
    assert.match(hint ?? '', /correct profile-name of provider one/);
  });

  it('of a command that fails are an error without its words', async () => {
    const command = `sh -c "echo ${SECRET} >&2; exit 1"`;
    await write('config', `[profile one]\ncredential_process = ${command}\n`);
    const { hint } = await fails({ profile: 'one' });
    assert.match(hint ?? '', /a credential_process must work/);
  });

  it('that are corrected serve the next start, without a restart', async () => {
    await write('credentials', `[other]\n${keys('OTHERKEY')}`);
    const correct = (): Promise<void> => write('credentials', `[one]\n${keys('GOODKEY')}`);
    const [first, second] = await ask({ profile: 'one', between: [correct] });
    assert.equal(first?.code, 'NP_CLOUD_FATAL');
    assert.ok(second?.zones?.includes('us-west-2a'), JSON.stringify(second));
    assert.deepEqual(proxy.accessKeys(CALL), ['GOODKEY']);
  });

  it('that AWS refuses by now are read anew by a running provider', async () => {
    await write('credentials', `[one]\n${keys('OLDKEY')}`);
    const rotate = async (): Promise<void> => {
      await write('credentials', `[one]\n${keys('NEWKEY')}`);
      proxy.add(CALL, { mode: 'refuse', status: 401, code: 'UnrecognizedClientException' });
    };
    const steady = (): Promise<void> => Promise.resolve();
    const answers = await ask({ profile: 'one', how: 'again', between: [steady, rotate] });
    for (const { zones } of answers) assert.ok(zones?.includes('us-west-2a'));
    assert.deepEqual(proxy.accessKeys(CALL), ['OLDKEY', 'OLDKEY', 'OLDKEY', 'NEWKEY']);
  });

  it('of a region that is none are an error that names it', async () => {
    const environment = { AWS_ACCESS_KEY_ID: 'ENVKEY', AWS_SECRET_ACCESS_KEY: SECRET };
    const [answer] = await ask({
      environment: { ...environment, AWS_ENDPOINT_URL: 'http://ec2.nowhere.invalid' },
    });
    assert.match(answer?.hint ?? '', /region-name us-west-2 of provider one/);
  });

  it('serve at addresses of a file, too', async () => {
    await write('credentials', `[default]\n${keys('DEFAULTKEY')}`);
    await write('config', `[default]\nendpoint_url = ${proxy.url}\n`);
    await works({ environment: { AWS_ENDPOINT_URL: '' } }, /^DEFAULTKEY$/);
    proxy.forget();
    const environment = { AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_ENDPOINT_URL_EC2: proxy.url };
    await works({ environment }, /^DEFAULTKEY$/);
  });
});
