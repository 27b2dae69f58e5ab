/**
 * There was no answer. What the network says decides whether the call may have taken effect: where no
 * connection came about, it did not. The clients' own errors hold the request, so they are not kept.
 */
import { CloudError } from '../../../base/errors.ts';

/** Before anything was sent. */
const NOT_CONNECTED: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'EADDRNOTAVAIL'],
  ...['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL'],
]);

/** Node's words for a server that hangs up while TLS is agreed on; the code is ECONNRESET. */
const NO_HANDSHAKE = 'before secure TLS connection was established';

/** `call`: method and subject; `origin`: whom we called. */
export function noAnswerError(call: string, origin: string, error: unknown): CloudError {
  const { code, words } = said(error);
  const message = `${call}: no answer from ${origin}${words === '' ? '' : `: ${words}`}`;
  const hint = hintFor(code);
  const hadNoEffect = hint !== undefined || NOT_CONNECTED.has(code) || words.includes(NO_HANDSHAKE);
  return new CloudError('NP_CLOUD_TRANSIENT', message, {
    labels: [
      ...(['retryable'] as const),
      ...(hadNoEffect ? [] : (['ambiguous'] as const)),
      ...(hint === undefined ? (['unreachable'] as const) : []),
    ],
    ...(hint !== undefined && { hint }),
  });
}

function said(error: unknown): { readonly code: string; readonly words: string } {
  if (!(error instanceof Error)) return { code: '', words: '' };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return { code, words: error.message };
}

/** Undefined: it is no matter of certificates. */
function hintFor(code: string): string | undefined {
  if (/^(DEPTH_ZERO_)?SELF_SIGNED_CERT|^UNABLE_TO_(GET|VERIFY)|^CERT_(UNTRUSTED|SIG)/.test(code))
    return "name the certificate of the proxy's authority in NODE_EXTRA_CA_CERTS";
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return 'the certificate is for another name: correct the addresses in the file of auth-path';
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return 'see whether the clock is right, and the certificate of a proxy between us and Azure';
  return undefined;
}
