/** There was no answer. Whether the call may have taken effect, and what the operator can do. */
import { CloudError } from '../../../base/errors.ts';
import { networkFailure } from '../../../cloud/network-failure.ts';

export interface NoAnswerFacts {
  readonly call: string;
  readonly isReading: boolean;
  readonly section: string;
  readonly region: string | undefined;
}

export function noAnswerError(thrown: unknown, facts: NoAnswerFacts): CloudError {
  const { call, isReading, section, region } = facts;
  const failure = networkFailure(thrown);
  if (failure === undefined) return unknownError(thrown, facts);
  const { words, wasSent, problem } = failure;
  const hint = problem === undefined ? undefined : HINTS[problem]({ section, region });
  // A name that is not found may be the network's fault as well as the operator's.
  const isAway = problem === undefined || problem === 'no-such-name';
  return new CloudError('NP_CLOUD_TRANSIENT', `${call}: no answer from AWS: ${words}`, {
    labels: [
      ...(['retryable'] as const),
      ...(wasSent && !isReading ? (['ambiguous'] as const) : []),
      ...(isAway ? (['unreachable'] as const) : []),
    ],
    ...(hint !== undefined && { hint }),
  });
}

type Facts = Pick<NoAnswerFacts, 'section' | 'region'>;

const HINTS = {
  'no-such-name': ({ section, region }: Facts): string =>
    `see whether region-name ${region ?? ''} of ${section} is a region, and whether this host ` +
    'resolves names',
  'not-trusted': (): string =>
    'name the file of the certificate authority in AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS',
  'other-name': (): string => 'the certificate is for another name: correct AWS_ENDPOINT_URL',
  'not-in-time': (): string => 'see whether the clock is right, and the certificate renewed',
  'refuses-ours': (): string => 'the server wants a certificate of us, which AWS never does',
  'no-tls': (): string => 'no TLS at this address: AWS_ENDPOINT_URL may have to begin with http://',
} as const;

/** Of the SDK itself: a wrong option, or an answer that it cannot read. */
function unknownError(thrown: unknown, { call, section }: NoAnswerFacts): CloudError {
  const text = thrown instanceof Error ? thrown.message : '';
  if (/region|endpoint|hostname|URL/i.test(text))
    return new CloudError('NP_CLOUD_FATAL', `${call}: the SDK refuses the address: ${text}`, {
      hint: `correct region-name of ${section}, or AWS_ENDPOINT_URL`,
    });
  const name = thrown instanceof Error ? thrown.name : typeof thrown;
  return new CloudError('NP_CLOUD_TRANSIENT', `${call}: no answer from AWS (${name})`, {
    labels: ['retryable', 'ambiguous'],
  });
}
