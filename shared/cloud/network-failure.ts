/**
 * Why there was no answer, by the codes of Node and OpenSSL, and whether anything had been sent: where
 * no connection came about, the call took no effect. Pure.
 */

/** What is wrong, where it is more than that nobody answers. */
export type NetworkProblem =
  /** The host's name is not known. */
  | 'no-such-name'
  /** Nobody we trust has signed the certificate. */
  | 'not-trusted'
  /** The certificate is another host's. */
  | 'other-name'
  /** The certificate has ended, or not begun. */
  | 'not-in-time'
  /** The server does not take our certificate. */
  | 'refuses-ours'
  /** What answers does not speak TLS. */
  | 'no-tls';

export interface NetworkFailure {
  /** Innermost of the causes that has a code. */
  readonly root: Error & { readonly code: string };
  /** For a message. */
  readonly words: string;
  /** Whether the call may have taken effect. */
  readonly wasSent: boolean;
  readonly problem: NetworkProblem | undefined;
}

/** Undefined: the network does not say anything. */
export function networkFailure(error: unknown): NetworkFailure | undefined {
  const root = innermost(error);
  if (root === undefined) return undefined;
  const problem = problemOf(root.code);
  const isUnsent =
    problem !== undefined || NOT_CONNECTED.has(root.code) || root.message.includes(NO_HANDSHAKE);
  return { root, words: root.message || root.code, wasSent: !isUnsent, problem };
}

/** Before anything was sent. */
const NOT_CONNECTED: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'EADDRNOTAVAIL'],
  ...['EAI_AGAIN', 'EAI_FAIL', 'UND_ERR_CONNECT_TIMEOUT'],
]);

/** Node's words for a server that hangs up while TLS is agreed on; the code is ECONNRESET. */
const NO_HANDSHAKE = 'before secure TLS connection was established';

/** Node's and OpenSSL's names for a certificate that is not trusted. */
const NOT_TRUSTED: ReadonlySet<string> = new Set([
  ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_GET_ISSUER_CERT'],
  ...['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CERT_UNTRUSTED'],
  ...['CERT_SIGNATURE_FAILURE', 'INVALID_CA', 'CERT_REJECTED'],
]);

function problemOf(code: string): NetworkProblem | undefined {
  if (code === 'ENOTFOUND') return 'no-such-name';
  if (NOT_TRUSTED.has(code)) return 'not-trusted';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'other-name';
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return 'not-in-time';
  if (/^ERR_SSL_.*ALERT/.test(code)) return 'refuses-ours';
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG')
    return 'no-tls';
  return undefined;
}

function innermost(error: unknown): (Error & { readonly code: string }) | undefined {
  let found: (Error & { readonly code: string }) | undefined;
  let current = error;
  for (let depth = 0; depth < 8 && current instanceof Error; depth++) {
    if ('code' in current && typeof current.code === 'string')
      found = current as Error & { readonly code: string };
    current =
      current.cause ?? (current instanceof AggregateError ? (current.errors[0] as unknown) : null);
  }
  return found;
}
