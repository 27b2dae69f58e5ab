/** Tries to get secrets into the log, in every way that callers have. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { LogFields } from '../../../shared/base/log.ts';
import { createLogger } from '../../../shared/telemetry/log.ts';

const SECRET = 'hunter2-s3cr3t-value';

async function logged(fields: LogFields, message = 'a message'): Promise<string> {
  let both = '';
  for (const format of ['text', 'json'] as const) {
    const log = createLogger({
      format,
      level: 'debug',
      destination: {
        write: (text) => {
          both += text;
          return Promise.resolve(true);
        },
        writeSync: () => undefined,
        close: () => undefined,
      },
    });
    log.logger.error(message, fields);
    log.logger.with(fields).named('nodepool.other').with(fields).debug(message);
    await log.close();
  }
  assert.notEqual(both, '');
  return both;
}

describe('the log', () => {
  const keys = [
    'password',
    'admin_pass',
    'adminPassword',
    'passphrase',
    'secret',
    'client-secret',
    'aws_secret_access_key',
    'token',
    'auth_token',
    'private_key',
    'privateKey',
    'api-key',
    'shared_access_key',
    'Authorization',
    'credentials',
    'application_credential_secret',
    'cookie',
  ];
  for (const key of keys) {
    it(`hides the value of ${key}, at the top and below`, async () => {
      assert.doesNotMatch(await logged({ [key]: SECRET }), /hunter2/);
      assert.doesNotMatch(await logged({ a: { b: [{ [key]: SECRET }] } }), /hunter2/);
      assert.doesNotMatch(await logged({ a: new Map([[key, { deep: SECRET }]]) }), /hunter2/);
    });
  }

  it('hides connection_port where it is an object and shows it where it is a port', async () => {
    const text = await logged({ node_record: { connection_port: { host: 'h', user: SECRET } } });
    assert.doesNotMatch(text, /hunter2/);
    assert.match(await logged({ connection_port: 2222 }), /2222/);
  });

  it('hides the values of env-vars and shows their names', async () => {
    for (const key of ['env-vars', 'env_vars', 'envVars']) {
      const text = await logged({ image: { [key]: { DIB_KEY: SECRET } } });
      assert.doesNotMatch(text, /hunter2/);
      assert.match(text, /DIB_KEY/);
    }
  });

  it('hides what it recognises inside of texts, messages and errors', async () => {
    const texts = [
      `-----BEGIN RSA PRIVATE KEY-----\n${SECRET}\n-----END RSA PRIVATE KEY-----`,
      `-----BEGIN PRIVATE KEY-----\n${SECRET}`,
      `GET https://user:${SECRET}@cloud.example/v3 failed`,
      `header Authorization: Bearer ${SECRET}`,
      `connect with password=${SECRET}&x=1`,
      `{"token": "${SECRET}"}`,
    ];
    for (const text of texts) {
      assert.doesNotMatch(await logged({ text }), /hunter2/, text);
      assert.doesNotMatch(await logged({}, text), /hunter2/, text);
      const error = new Error(text, { cause: new Error(text, { cause: text }) });
      assert.doesNotMatch(await logged({ error }), /hunter2/, text);
      assert.doesNotMatch(await logged({ nested: { why: error } }), /hunter2/, text);
    }
  });

  it('shows what only sounds secret', async () => {
    const text = await logged({
      key: 'a-key-name',
      access_key_id: 'AKIA1',
      host_keys: ['ssh-rsa AAA'],
    });
    for (const shown of [/a-key-name/, /AKIA1/, /ssh-rsa AAA/]) assert.match(text, shown);
  });

  it('never throws and never shows a secret key, whatever it is given', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.object({ maxDepth: 4, withBigInt: true, withDate: true }),
        async (object) => {
          const text = await logged({ ...object, inner: { object, password: SECRET } });
          assert.doesNotMatch(text, /hunter2/);
        },
      ),
      { numRuns: 200 },
    );
  });
});
