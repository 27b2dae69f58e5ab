/** One of the library's clients for each kind of credentials, all with the transporter that is given. */
import type { AuthClient, ExternalAccountClientOptions, gaxios } from 'google-auth-library';

import { CloudError } from '../../../base/errors.ts';
import type { CredentialsFile } from './credentials.ts';
import { libraries } from './libraries.ts';

/** The second is for accounts that act as another. */
const SCOPES = [
  'https://www.googleapis.com/auth/compute',
  'https://www.googleapis.com/auth/cloud-platform',
];
/** Where the library sends a service account, whatever its file says. */
export const LIBRARY_TOKEN_URL = 'https://oauth2.googleapis.com/token';

/** @throws CloudError NP_CLOUD_FATAL for a kind that is not known. */
export async function accountClient(
  contents: CredentialsFile,
  transporter: gaxios.Gaxios,
): Promise<AuthClient> {
  const library = await libraries.auth();
  const text = (name: string): string => textOf(contents, name);
  switch (contents.type) {
    case 'service_account':
      return new library.JWT({
        ...{ email: text('client_email'), key: text('private_key'), scopes: SCOPES, transporter },
        ...(typeof contents.private_key_id === 'string' && { keyId: contents.private_key_id }),
        additionalClaims: { aud: contents.token_uri ?? LIBRARY_TOKEN_URL },
      });
    case 'authorized_user':
      return new library.UserRefreshClient({
        ...{ clientId: text('client_id'), clientSecret: text('client_secret') },
        ...{ refreshToken: text('refresh_token'), transporter },
      });
    case 'external_account': {
      const options = { ...contents, scopes: SCOPES, transporter };
      const client = library.ExternalAccountClient.fromJSON(
        options as unknown as ExternalAccountClientOptions,
      );
      if (client === null) break;
      // The library gives its exchange of tokens no transporter, and lets nobody else do so.
      const { stsCredential } = client as unknown as {
        stsCredential: Pick<AuthClient, 'transporter'>;
      };
      stsCredential.transporter = transporter;
      return client;
    }
    case 'external_account_authorized_user':
      return new library.ExternalAccountAuthorizedUserClient({
        ...(contents as unknown as ConstructorParameters<
          typeof library.ExternalAccountAuthorizedUserClient
        >[0]),
        transporter,
      });
    case 'impersonated_service_account':
      return impersonated(contents, transporter);
  }
  throw new CloudError('NP_CLOUD_FATAL', `credentials of type ${contents.type} are not known`);
}

async function impersonated(
  contents: CredentialsFile,
  transporter: gaxios.Gaxios,
): Promise<AuthClient> {
  const { Impersonated } = await libraries.auth();
  const { source_credentials: source, delegates } = contents;
  const url = textOf(contents, 'service_account_impersonation_url');
  const [, targetPrincipal] = /([^/]+):generateAccessToken$/.exec(url) ?? [];
  if (targetPrincipal === undefined || typeof source !== 'object' || source === null)
    throw new CloudError('NP_CLOUD_FATAL', 'credentials that name no account to act as');
  return new Impersonated({
    sourceClient: await accountClient({ type: 'service_account', ...source }, transporter),
    ...{ targetPrincipal, targetScopes: SCOPES, transporter },
    ...(Array.isArray(delegates) && { delegates: delegates.map(String) }),
  });
}

function textOf(contents: CredentialsFile, name: string): string {
  const value = contents[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new CloudError('NP_CLOUD_FATAL', `credentials without ${name}`);
}
