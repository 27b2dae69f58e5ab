/**
 * IBM's library as far as it gets tokens: the kind of credentials chosen as its Python sister chooses,
 * and its HTTP client, axios, sent our way.
 *
 * Facts: ibm_cloud_sdk_core/get_authenticator.py.
 */
import type { AuthenticatorInterface } from 'ibm-cloud-sdk-core';
import { z } from 'zod';

import { CloudError } from '../../../base/errors.ts';
import type { Transport } from '../../../cloud/http-transport.ts';
import { refusalOf, type Refusal } from './errors.ts';
import { library } from './library.ts';

/** What its requests have told, as the library keeps it to itself. */
export interface Seen {
  failure: Error | undefined;
  /** Of the last token. Infinity: it was not told. */
  lifeMs: number;
}

export interface AuthenticatorOptions {
  readonly transport: Transport;
  /** Ends the requests. */
  readonly signal: AbortSignal;
  readonly seen: Seen;
  readonly refused: (refusal: Refusal) => Error;
}

type Properties = Readonly<Record<string, string>>;

/** What an authenticator puts its header into. */
export type AuthenticateOptions = Parameters<AuthenticatorInterface['authenticate']>[0];

/** The part of axios' request that is used. */
interface AxiosRequest {
  readonly url?: string;
  readonly method?: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly params?: Readonly<Record<string, string>>;
  readonly data?: unknown;
}

/** @throws Error of the library's: something is missing. */
export async function openAuthenticator(
  properties: Properties,
  options: AuthenticatorOptions,
): Promise<AuthenticatorInterface> {
  const sdk = await library();
  const adapter = (request: AxiosRequest) => send(request, options);
  const settings = { ...settingsOf(properties), adapter };
  const type = typeOf(properties).toLowerCase();
  const makers: Readonly<Record<string, () => AuthenticatorInterface>> = {
    iam: () => new sdk.IamAuthenticator(settings as never),
    iamassume: () => new sdk.IamAssumeAuthenticator(settings as never),
    container: () => new sdk.ContainerAuthenticator(settings),
    vpc: () => new sdk.VpcInstanceAuthenticator(settings),
    bearertoken: () => new sdk.BearerTokenAuthenticator(settings as never),
    basic: () => new sdk.BasicAuthenticator(settings as never),
    cp4d: () => new sdk.CloudPakForDataAuthenticator(settings as never),
    mcsp: () => new sdk.McspAuthenticator(settings as never),
    mcspv2: () => new sdk.McspV2Authenticator(settings as never),
    noauth: () => new sdk.NoAuthAuthenticator(),
  };
  const make = Object.hasOwn(makers, type) ? makers[type] : undefined;
  if (make === undefined)
    throw new Error(`there are no credentials of VPC_AUTH_TYPE ${typeOf(properties)}`);
  return make();
}

function typeOf({ AUTH_TYPE, AUTHTYPE, APIKEY }: Properties): string {
  const [named = isFilled(APIKEY) ? 'iam' : 'container'] = [AUTH_TYPE, AUTHTYPE].filter(isFilled);
  return named;
}

function isFilled(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}

/** `IAM_PROFILE_ID` is `iamProfileId` there, `AUTH_URL` is `url`; what is about VPC itself is not meant. */
function settingsOf(properties: Properties): Record<string, string> {
  const { AUTH_URL, ...rest } = properties;
  const entries = Object.entries(rest)
    .filter(([name]) => !NOT_MEANT.has(name))
    .map(([name, value]) => [camel(name), value] as const);
  return { ...Object.fromEntries(entries), ...(AUTH_URL !== undefined && { url: AUTH_URL }) };
}

const NOT_MEANT: ReadonlySet<string> = new Set([
  ...['URL', 'DISABLE_SSL', 'AUTH_DISABLE_SSL', 'AUTH_TYPE', 'AUTHTYPE'],
  ...['ENABLE_GZIP', 'ENABLE_RETRIES', 'MAX_RETRIES', 'RETRY_INTERVAL'],
]);

function camel(name: string): string {
  return name.toLowerCase().replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

const tokenAnswer = z.object({ expires_in: z.coerce.number() });

/** What axios calls an adapter: gives the answer's JSON, and rejects with sorted errors only. */
async function send(request: AxiosRequest, options: AuthenticatorOptions) {
  const { transport, seen, signal, refused } = options;
  const { url = '', method = 'get', headers, params = {}, data } = request;
  const query = new URLSearchParams(params).toString();
  const sent = {
    ...{ url: query === '' ? url : `${url}?${query}`, method: method.toUpperCase() },
    subject: `iam ${new URL(url).pathname.slice(1)}`,
    headers: textHeaders(headers),
    ...(typeof data === 'string' && { body: data }),
  };
  try {
    const { status, headers: answered, text, body } = await transport.send(sent, signal);
    if (status >= 300) throw refused(refusalOf(sent, { status, headers: answered, text }));
    if (body === undefined) throw noJsonError();
    const life = tokenAnswer.safeParse(body).data?.expires_in;
    if (life !== undefined) seen.lifeMs = life * 1000;
    return { data: body, status, statusText: '', headers: {}, config: request };
  } catch (error) {
    if (error instanceof Error) seen.failure = error;
    throw error;
  }
}

function textHeaders(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === 'string' && name.toLowerCase() !== 'user-agent'
        ? [[name.toLowerCase(), value] as const]
        : [],
    ),
  );
}

function noJsonError(): CloudError {
  return new CloudError('NP_CLOUD_TRANSIENT', 'POST iam: the answer is no JSON', {
    labels: ['retryable'],
  });
}
