/**
 * A deadline for each request of an SDK client, and an end for all of them: the SDK's uploads hand no
 * signal to their parts, and would wait for a lost answer for ever.
 */
import type { S3Client } from '@aws-sdk/client-s3';

import type { Clock } from '../../../base/clock.ts';
import { withDeadline } from '../../../base/wait.ts';

type Handler = S3Client['config']['requestHandler'];

export interface DeadlineOptions {
  readonly clock: Clock;
  /** Ends what runs; later requests are refused. */
  readonly signal: AbortSignal;
  /** From a request to its answer. */
  readonly seconds: number;
}

export function withinDeadline(handler: Handler, options: DeadlineOptions): Handler {
  const { clock, signal, seconds } = options;
  // The name by which the SDK knows what it may send again.
  const error = (): Error =>
    Object.assign(new Error(`no answer within ${seconds} s`), { name: 'TimeoutError' });
  const handle: Handler['handle'] = (request, handlerOptions) =>
    withDeadline({ clock, ms: seconds * 1000, signal, error }, (abortSignal) =>
      handler.handle(request, { ...handlerOptions, abortSignal }),
    );
  const destroy = (): void => {
    handler.destroy?.();
  };
  return { ...(handler.metadata && { metadata: handler.metadata }), handle, destroy };
}
