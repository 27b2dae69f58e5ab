/**
 * There was no answer. What the network says decides whether the call may have taken effect. Only what
 * the network or TLS says is kept as cause: the HTTP client's own errors may quote headers.
 */
import { CloudError } from '../../../base/errors.ts';
import { networkFailure, type NetworkProblem } from '../../../cloud/network-failure.ts';

/** `call`: method and subject; `origin`: whom we called. */
export function noAnswerError(call: string, origin: string, error: unknown): CloudError {
  const failure = networkFailure(error);
  if (failure === undefined)
    return new CloudError('NP_CLOUD_TRANSIENT', `${call}: no answer from ${origin}`, {
      labels: ['retryable', 'ambiguous'],
    });
  const { root, words, wasSent, problem } = failure;
  const hint = problem && HINTS[problem];
  return new CloudError('NP_CLOUD_TRANSIENT', `${call}: no answer from ${origin}: ${words}`, {
    labels: [
      ...(['retryable'] as const),
      ...(wasSent ? (['ambiguous'] as const) : []),
      ...(hint === undefined ? (['unreachable'] as const) : []),
    ],
    ...(hint !== undefined && { hint }),
    cause: root,
  });
}

/** A name that is not known may be a name server's trouble: it has none. */
const HINTS: Readonly<Partial<Record<NetworkProblem, string>>> = {
  'not-trusted': "name the certificate of the proxy's authority in NODE_EXTRA_CA_CERTS",
  'other-name': 'the certificate is for another name: see the proxy between us and Google',
  'not-in-time': 'see whether the clock is right, and the certificate of a proxy',
  'refuses-ours': 'the server wants a certificate of ours: see the proxy between us and Google',
  'no-tls': 'no TLS at this address: see the proxy between us and Google',
};
