/**
 * The credentials of an account, as IBM's Python library reads them: a file of lines `VPC_NAME=value`,
 * else variables of the environment of the same names.
 *
 *   credentials-file | IBM_CREDENTIALS_FILE | ./ibm-credentials.env | ~/ibm-credentials.env
 *     -> has no VPC_...? -> the environment
 *
 * They are read anew for each token, so a new key needs no restart. Errors name files and variables,
 * never what stands in them. Facts: ibm_cloud_sdk_core/utils.py, `read_external_sources`.
 */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

import type { IbmVpcOptions } from '../../../../schemas/config/drivers/ibmvpc.ts';
import type { ProviderConfig } from '../../../../schemas/config/model.ts';
import { CloudError, messageOf } from '../../../base/errors.ts';
import type { Environment } from '../../../cloud/proxy.ts';

export interface Credentials {
  /** Where they come from, for messages: the file, or `environment`. */
  readonly source: string;
  /** Names without `VPC_`: `APIKEY`, `AUTH_TYPE`, `AUTH_URL`, ... */
  readonly properties: Readonly<Record<string, string>>;
}

const FILE_NAME = 'ibm-credentials.env';
const PREFIX = 'VPC_';

/** @throws CloudError NP_CLOUD_FATAL: there are none. */
export async function readCredentials(
  config: ProviderConfig,
  environment: Environment,
): Promise<Credentials> {
  const { credentialsFile } = config.options as IbmVpcOptions;
  const named = credentialsFile ?? filled(environment.IBM_CREDENTIALS_FILE);
  const home = filled(environment.HOME) ?? homedir();
  const files = named === undefined ? [FILE_NAME, join(home, FILE_NAME)] : [named];
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      if (named !== undefined) throw unreadable(config, file, error);
      return '';
    });
    const properties = parseCredentials(text);
    if (Object.keys(properties).length > 0) return { source: file, properties };
  }
  const properties = propertiesOf(Object.entries(environment));
  if (Object.keys(properties).length > 0) return { source: 'environment', properties };
  throw new CloudError('NP_CLOUD_FATAL', `provider ${config.name} has no credentials`, {
    hint: `name a file with VPC_APIKEY in credentials-file at ${config.place}`,
  });
}

/** What is no `NAME=value` is passed over, as IBM's library does. Pure. */
export function parseCredentials(text: string): Readonly<Record<string, string>> {
  return propertiesOf(
    text.split('\n').flatMap((line) => {
      const [, name = '', value = ''] = /^([^=]*)=(.*)$/.exec(line.trim()) ?? [];
      return name === '' ? [] : [[name, value] as const];
    }),
  );
}

function propertiesOf(
  entries: readonly (readonly [string, string | undefined])[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    entries.flatMap(([name, value]) =>
      name.startsWith(PREFIX) && value !== undefined
        ? [[name.slice(PREFIX.length), value] as const]
        : [],
    ),
  );
}

function filled(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function unreadable({ name, place }: ProviderConfig, file: string, error: unknown): CloudError {
  const text = `provider ${name}: ${file} cannot be read: ${messageOf(error)}`;
  return new CloudError('NP_CLOUD_FATAL', text, {
    hint: `correct credentials-file at ${place}, or IBM_CREDENTIALS_FILE`,
  });
}
