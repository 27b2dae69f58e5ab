/**
 * There was no answer. What the network says decides whether the call may have taken effect: where no
 * connection came about, it did not.
 *
 * Only what the network or TLS says is kept as cause: the HTTP client's own errors may quote headers,
 * and a header holds the token.
 */
import { CloudError } from '../../../base/errors.ts';

/** Before anything was sent. */
const NOT_CONNECTED: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'EADDRNOTAVAIL'],
  ...['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'UND_ERR_CONNECT_TIMEOUT'],
]);

/** Node's and OpenSSL's names for a certificate that is not trusted. */
const NOT_TRUSTED: ReadonlySet<string> = new Set([
  ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_GET_ISSUER_CERT'],
  ...['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CERT_UNTRUSTED'],
  ...['CERT_SIGNATURE_FAILURE', 'INVALID_CA', 'CERT_REJECTED'],
]);

/** Files of the configuration that cannot be read or understood; thrown by the connector. */
export class TlsFileError extends Error {
  readonly code = 'NP_TLS_FILE';
}

/** `origin`: whom we called; `call`: method and subject, without secrets. */
export function noAnswerError(call: string, origin: string, error: unknown): CloudError {
  const root = networkError(error);
  if (root === undefined) return unknownError(call, origin, error);
  const message = `${call}: no answer from ${origin}: ${root.message || root.code}`;
  if (root instanceof TlsFileError)
    return new CloudError('NP_CLOUD_FATAL', message, { hint: FILE_HINT, cause: root });
  const hint = hintFor(root.code);
  const hadNoEffect =
    hint !== undefined || NOT_CONNECTED.has(root.code) || root.message.includes(NO_HANDSHAKE);
  return new CloudError('NP_CLOUD_TRANSIENT', message, {
    labels: [
      ...(['retryable'] as const),
      ...(hadNoEffect ? [] : (['ambiguous'] as const)),
      ...(hint === undefined ? (['unreachable'] as const) : []),
    ],
    ...(hint !== undefined && { hint }),
    cause: root,
  });
}

/** Node's words for a server that hangs up while TLS is agreed on; the code is ECONNRESET. */
const NO_HANDSHAKE = 'before secure TLS connection was established';

/** The words of the HTTP client itself are not repeated. */
function unknownError(call: string, origin: string, error: unknown): CloudError {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && cause.message === 'bad port')
    return new CloudError('NP_CLOUD_FATAL', `${call}: ${origin}: HTTP is not spoken to this port`, {
      hint: 'let the service listen at another port: the fetch standard forbids this one',
    });
  return new CloudError('NP_CLOUD_TRANSIENT', `${call}: no answer from ${origin}`, {
    labels: ['retryable', 'ambiguous'],
  });
}

const FILE_HINT = 'correct cacert, cert and key in clouds.yaml, or the files that they name';

/** Undefined: it is no matter of certificates. */
function hintFor(code: string): string | undefined {
  if (NOT_TRUSTED.has(code))
    return "name the file of the cloud's certificate authority as cacert in clouds.yaml";
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return 'the certificate is for another name: correct the address in clouds.yaml or the catalog';
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return 'renew the certificate of the cloud; see whether the clock is right';
  if (/^ERR_SSL_.*ALERT/.test(code))
    return 'the server refuses our certificate: see cert and key in clouds.yaml';
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG')
    return 'no TLS at this address: it may have to begin with http://';
  return undefined;
}

interface NetworkError extends Error {
  readonly code: string;
}

/** The innermost error that has a code; what a failed fetch has as its cause. */
function networkError(error: unknown): NetworkError | undefined {
  let found: NetworkError | undefined;
  let current = error;
  for (let depth = 0; depth < 8 && current instanceof Error; depth++) {
    if ('code' in current && typeof current.code === 'string') found = current as NetworkError;
    current =
      current.cause ?? (current instanceof AggregateError ? (current.errors[0] as unknown) : null);
  }
  return found;
}
