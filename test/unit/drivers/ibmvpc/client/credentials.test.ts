import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { ProviderConfig } from '../../../../../schemas/config/model.ts';
import { hasCode, NodepoolError } from '../../../../../shared/base/errors.ts';
import {
  parseCredentials,
  readCredentials,
} from '../../../../../shared/drivers/ibmvpc/client/credentials.ts';
import { providerConfig } from '../../../../support/provider-config.ts';

const configOf = (option = ''): ProviderConfig =>
  providerConfig(`
name: ibm
driver: ibmvpc
region: us-south
vpc: v
${option}
`);

describe('credentials of IBM', () => {
  let home = '';
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'nodepool-ibm-'));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  const write = async (name: string, text: string): Promise<string> => {
    await writeFile(join(home, name), text);
    return join(home, name);
  };
  /** Nothing of this process's folder or home. */
  const read = (option: string, environment: Readonly<Record<string, string>> = {}) =>
    readCredentials(configOf(option), { HOME: home, ...environment });

  it('stand in the file of credentials-file before all others', async () => {
    const file = await write('own.env', 'VPC_APIKEY=own\nVPC_AUTH_TYPE=iam\nOTHER_APIKEY=no\n');
    await write('ibm-credentials.env', 'VPC_APIKEY=homes');
    const other = await write('other.env', 'VPC_APIKEY=others');
    const environment = { IBM_CREDENTIALS_FILE: other, VPC_APIKEY: 'environments' };
    assert.deepEqual(await read(`credentials-file: ${file}`, environment), {
      source: file,
      properties: { APIKEY: 'own', AUTH_TYPE: 'iam' },
    });
  });

  it('stand in the file of IBM_CREDENTIALS_FILE, then in that of the home', async () => {
    await write('ibm-credentials.env', 'VPC_APIKEY=homes');
    const other = await write('other.env', 'VPC_APIKEY=others');
    const named = await read('', { IBM_CREDENTIALS_FILE: other, VPC_APIKEY: 'environments' });
    assert.equal(named.properties.APIKEY, 'others');
    const ofHome = await read('', { VPC_APIKEY: 'environments' });
    assert.equal(ofHome.properties.APIKEY, 'homes');
  });

  it('stand in the environment where no file has any', async () => {
    const empty = await write('empty.env', 'OTHER_APIKEY=x\nVPC_NOTHING\n');
    for (const option of ['', `credentials-file: ${empty}`]) {
      const found = await read(option, { VPC_APIKEY: 'environments', VPC_IAM_PROFILE_ID: 'p' });
      assert.deepEqual(found, {
        source: 'environment',
        properties: { APIKEY: 'environments', IAM_PROFILE_ID: 'p' },
      });
    }
  });

  it('are looked for with what can be done where there are none', async () => {
    await assert.rejects(read(''), (error) => {
      assert.ok(error instanceof NodepoolError && hasCode(error, 'NP_CLOUD_FATAL'));
      assert.match(error.message, /provider ibm has no credentials/);
      assert.match(error.hint ?? '', /VPC_APIKEY in credentials-file/);
      return true;
    });
  });

  it('are an error where a file is named that cannot be read', async () => {
    await mkdir(join(home, 'folder'));
    const environment = { VPC_APIKEY: 'environments' };
    for (const file of [join(home, 'none.env'), join(home, 'folder')])
      await assert.rejects(read(`credentials-file: ${file}`, environment), (error) => {
        assert.ok(hasCode(error, 'NP_CLOUD_FATAL') && String(error).includes(file));
        return true;
      });
  });

  it("are read line by line, as IBM's Python library does", () => {
    const text = [
      '# VPC_COMMENT=1',
      '  VPC_APIKEY=a=b==  ',
      'VPC_AUTH_URL=https://iam.test\r',
      'VPC_EMPTY=',
      'nothing',
      '=x',
      'IS_APIKEY=other',
    ].join('\n');
    assert.deepEqual(parseCredentials(text), {
      APIKEY: 'a=b==',
      AUTH_URL: 'https://iam.test',
      EMPTY: '',
    });
  });
});
