/**
 * The file with the service principal: JSON as `az ad sp create-for-rbac --sdk-auth` prints it.
 *
 * It is read anew for each token, so a new secret needs no restart. Errors name the file and the
 * provider, never what stands in it.
 */
import { readFile } from 'node:fs/promises';

import { z } from 'zod';

import type { AzureOptions } from '../../../../schemas/config/drivers/azure.ts';
import type { ProviderConfig } from '../../../../schemas/config/model.ts';
import { CloudError, messageOf } from '../../../base/errors.ts';

export interface Principal {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tenantId: string;
  readonly subscriptionId: string;
  /** Origin of Entra ID. Default: that of the public cloud. */
  readonly loginUrl: string;
  /** Origin of the Resource Manager. Default: that of the public cloud. */
  readonly managementUrl: string;
}

const PUBLIC_LOGIN = 'https://login.microsoftonline.com';
const PUBLIC_MANAGEMENT = 'https://management.azure.com';

const filled = z.string().trim().min(1);
const address = z.url({ protocol: /^https$/ }).transform((text) => text.replace(/\/+$/, ''));

/** What else stands in the file is not ours. */
const schema = z.object({
  clientId: filled,
  clientSecret: filled,
  tenantId: filled,
  subscriptionId: filled,
  activeDirectoryEndpointUrl: address.optional(),
  resourceManagerEndpointUrl: address.optional(),
});

/** @throws CloudError NP_CLOUD_FATAL */
export async function readPrincipal(config: ProviderConfig): Promise<Principal> {
  const { authPath } = config.options as AzureOptions;
  if (authPath === undefined)
    throw new CloudError('NP_CLOUD_FATAL', `provider ${config.name} names no auth-path`, {
      hint: `name the file in auth-path at ${config.place}, or in AZURE_AUTH_LOCATION`,
    });
  const hint = `see auth-path at ${config.place}: it takes what \`az ad sp create-for-rbac --sdk-auth\` prints`;
  const fatal = (problem: string): CloudError =>
    new CloudError('NP_CLOUD_FATAL', `provider ${config.name}: ${authPath} ${problem}`, { hint });
  const text = await readFile(authPath, 'utf8').catch((error: unknown) => {
    throw fatal(`cannot be read: ${messageOf(error)}`);
  });
  return parsePrincipal(text, fatal);
}

/** `fatal` makes an error of what is wrong with the file. */
export function parsePrincipal(text: string, fatal: (problem: string) => Error): Principal {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Node's own words would quote the file.
    throw fatal('is no JSON');
  }
  const { success, data, error } = schema.safeParse(json);
  if (!success) throw fatal(`lacks or has a wrong ${wrongKeys(error)}`);
  const { activeDirectoryEndpointUrl, resourceManagerEndpointUrl, ...ids } = data;
  return {
    ...ids,
    loginUrl: activeDirectoryEndpointUrl ?? PUBLIC_LOGIN,
    managementUrl: resourceManagerEndpointUrl ?? PUBLIC_MANAGEMENT,
  };
}

/** Names alone; zod's own words might quote values. */
function wrongKeys({ issues }: z.ZodError): string {
  const keys = issues.map(({ path }) => path.join('.') || 'object');
  return [...new Set(keys)].join(', ');
}
