/**
 * Where Google's application default credentials are, in the order of Google's own libraries: the file
 * of GOOGLE_APPLICATION_CREDENTIALS, that of `gcloud auth application-default login`, the metadata
 * server of a machine at Google. Errors name the file and the provider, never what stands in it.
 *
 * Facts: google.auth.default of google-auth for Python.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import type { ProviderConfig } from '../../../../schemas/config/model.ts';
import { CloudError, messageOf } from '../../../base/errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What stands in a file; what else a type has is for Google's library. */
const fileSchema = z.looseObject({
  type: z.string().default('service_account'),
  /** Of a service account: who gives tokens. */
  token_uri: z.url({ protocol: /^https?$/ }).optional(),
  quota_project_id: z.string().optional(),
});

export type CredentialsFile = z.output<typeof fileSchema>;

export type Credentials =
  | { readonly from: 'file'; readonly file: string; readonly contents: CredentialsFile }
  /** `url`: gives tokens for the machine's own account. */
  | { readonly from: 'metadata'; readonly url: string };

const METADATA_HOST = 'metadata.google.internal';
const TOKEN_PATH = '/computeMetadata/v1/instance/service-accounts/default/token';

/** @throws CloudError NP_CLOUD_FATAL */
export async function findCredentials(
  config: ProviderConfig,
  environment: Environment,
): Promise<Credentials> {
  const named = environment.GOOGLE_APPLICATION_CREDENTIALS ?? '';
  if (named !== '')
    return { from: 'file', file: named, contents: await readCredentials(config, named) };
  const known = wellKnownFile(environment);
  if (known !== undefined && (await exists(known)))
    return { from: 'file', file: known, contents: await readCredentials(config, known) };
  if (environment.NO_GCE_CHECK?.toLowerCase() === 'true')
    throw new CloudError('NP_CLOUD_FATAL', `provider ${config.name} has no credentials`, {
      hint: 'name a file with them in GOOGLE_APPLICATION_CREDENTIALS',
    });
  const host = environment.GCE_METADATA_HOST ?? environment.GCE_METADATA_ROOT ?? '';
  return { from: 'metadata', url: `http://${host === '' ? METADATA_HOST : host}${TOKEN_PATH}` };
}

function wellKnownFile({ CLOUDSDK_CONFIG, HOME }: Environment): string | undefined {
  const name = 'application_default_credentials.json';
  if (CLOUDSDK_CONFIG !== undefined && CLOUDSDK_CONFIG !== '') return join(CLOUDSDK_CONFIG, name);
  return HOME === undefined || HOME === '' ? undefined : join(HOME, '.config', 'gcloud', name);
}

async function exists(file: string): Promise<boolean> {
  return readFile(file).then(
    () => true,
    (error: unknown) => !(error instanceof Error && 'code' in error && error.code === 'ENOENT'),
  );
}

async function readCredentials(config: ProviderConfig, file: string): Promise<CredentialsFile> {
  const fatal = (problem: string): CloudError =>
    new CloudError('NP_CLOUD_FATAL', `provider ${config.name}: ${file} ${problem}`, {
      hint: 'correct the file of GOOGLE_APPLICATION_CREDENTIALS, or name another',
    });
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw fatal(`cannot be read: ${messageOf(error)}`);
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Node's own words would quote the file.
    throw fatal('is no JSON');
  }
  const { success, data } = fileSchema.safeParse(json);
  if (!success) throw fatal('holds no credentials that are understood');
  return data;
}
