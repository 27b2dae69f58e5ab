/** There was no answer. What the network says decides whether the call may have taken effect. */
import { CloudError, messageOf, type ErrorLabel } from '../../../base/errors.ts';
import { networkFailure, type NetworkProblem } from '../../../cloud/network-failure.ts';

const HINTS: Partial<Record<NetworkProblem, string>> = {
  'no-such-name': 'see whether the region of the provider is right, and the name service',
  'not-trusted': "name the certificate of the proxy's authority in NODE_EXTRA_CA_CERTS",
  'other-name': 'the certificate is for another name: correct the endpoint',
  'not-in-time':
    'see whether the clock is right, and the certificate of a proxy between us and IBM',
};

/** `call`: method, service and subject; `origin`: whom we called. */
export function noAnswerError(call: string, origin: string, error: unknown): CloudError {
  const failure = networkFailure(error);
  const words = failure?.words ?? messageOf(error);
  const hint = failure?.problem === undefined ? undefined : HINTS[failure.problem];
  const wasSent = failure?.wasSent ?? true;
  const labels: ErrorLabel[] = ['retryable'];
  if (wasSent) labels.push('ambiguous');
  // A certificate that is wrong stays so.
  if (failure?.problem === undefined || failure.problem === 'no-such-name')
    labels.push('unreachable');
  return new CloudError('NP_CLOUD_TRANSIENT', `${call}: no answer from ${origin}: ${words}`, {
    labels,
    ...(hint !== undefined && { hint }),
  });
}
