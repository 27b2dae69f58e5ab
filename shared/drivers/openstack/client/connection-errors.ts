/**
 * There was no answer. What the network says decides whether the call may have taken effect: where no
 * connection came about, it did not.
 *
 * Only what the network or TLS says is kept as cause: the HTTP client's own errors may quote headers,
 * and a header holds the token.
 */
import { CloudError } from '../../../base/errors.ts';
import { TlsFileError } from '../../../cloud/http-connections.ts';
import { networkFailure, type NetworkProblem } from '../../../cloud/network-failure.ts';

/** `origin`: whom we called; `call`: method and subject, without secrets. */
export function noAnswerError(call: string, origin: string, error: unknown): CloudError {
  const failure = networkFailure(error);
  if (failure === undefined) return unknownError(call, origin, error);
  const { root, words, wasSent, problem } = failure;
  const message = `${call}: no answer from ${origin}: ${words}`;
  if (root instanceof TlsFileError)
    return new CloudError('NP_CLOUD_FATAL', message, { hint: FILE_HINT, cause: root });
  const hint = problem && HINTS[problem];
  return new CloudError('NP_CLOUD_TRANSIENT', message, {
    labels: [
      ...(['retryable'] as const),
      ...(wasSent ? (['ambiguous'] as const) : []),
      ...(hint === undefined ? (['unreachable'] as const) : []),
    ],
    ...(hint !== undefined && { hint }),
    cause: root,
  });
}

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

/** A name that is not known may be a name server's trouble: it has none. */
const HINTS: Readonly<Partial<Record<NetworkProblem, string>>> = {
  'not-trusted': "name the file of the cloud's certificate authority as cacert in clouds.yaml",
  'other-name':
    'the certificate is for another name: correct the address in clouds.yaml or the catalog',
  'not-in-time': 'renew the certificate of the cloud; see whether the clock is right',
  'refuses-ours': 'the server refuses our certificate: see cert and key in clouds.yaml',
  'no-tls': 'no TLS at this address: it may have to begin with http://',
};
