/** Answers of services, checked: what is not as expected names the call and never passes as data. */
import type { z } from 'zod';

import { CloudError } from '../../../base/errors.ts';

/** The answer's body, if it is what it should be; else NP_CLOUD_TRANSIENT. */
export function readBody<S extends z.ZodType>(schema: S, body: unknown, call: string): z.output<S> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new CloudError('NP_CLOUD_TRANSIENT', `${call}: the answer is not understood`, {
    labels: ['retryable'],
    hint: 'see that the endpoint in clouds.yaml or the catalog is that of the service',
    cause: result.error,
  });
}
