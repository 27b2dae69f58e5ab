/** Answers of AWS that are no errors as a whole, but hold some: nothing, or not all, was done. */
import type { CreateFleetError, UnsuccessfulItem } from '@aws-sdk/client-ec2';

import { CloudError } from '../../../base/errors.ts';
import { refusalError } from './errors.ts';

/**
 * A fleet without a machine, with AWS's reasons for each type. The most hopeful of them counts: what
 * another try may change, before what only time or the operator does.
 */
export function fleetError(reasons: readonly CreateFleetError[], section: string): CloudError {
  const errors = reasons.map(({ ErrorCode: code = '', ErrorMessage: words = '' }) => {
    const facts = { call: 'CreateFleet', isReading: true, requestId: undefined, retryAfter: null };
    return refusalError({ ...facts, code, words, status: undefined, section }, 0);
  });
  const order = ['NP_CLOUD_TRANSIENT', 'NP_CLOUD_CAPACITY', 'NP_CLOUD_QUOTA'];
  const rank = ({ code }: CloudError): number => {
    const place = order.indexOf(code);
    return place === -1 ? order.length : place;
  };
  const sorted = errors.toSorted((a, b) => rank(a) - rank(b));
  const texts = [...new Set(sorted.map(({ message }) => message))];
  const first = sorted[0];
  if (first === undefined) return nothingError();
  // A call for patience, too: the call itself has been answered.
  return new CloudError(first.code, texts.join('; '), {
    labels: first.labels,
    ...(first.hint !== undefined && { hint: first.hint }),
  });
}

function nothingError(): CloudError {
  return new CloudError('NP_CLOUD_CAPACITY', 'CreateFleet: AWS made nothing and gives no reason', {
    labels: ['capacity'],
  });
}

/** A host is released when its last instance is gone, which AWS may learn a little later. */
export function releaseError(failed: readonly UnsuccessfulItem[]): CloudError {
  const words = failed.map(
    ({ ResourceId, Error: why }) =>
      `${ResourceId ?? ''} (${why?.Code ?? ''}: ${why?.Message ?? ''})`,
  );
  return new CloudError('NP_CLOUD_TRANSIENT', `ReleaseHosts: AWS keeps ${words.join(', ')}`, {
    labels: ['retryable'],
  });
}
