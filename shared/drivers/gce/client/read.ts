/** Answers are read by schemas: what is not as it should be is an error of the cloud, not of ours. */
import type { z } from 'zod';

import { CloudError } from '../../../base/errors.ts';

/** @throws CloudError NP_CLOUD_TRANSIENT where the answer is none. `what`: for the message. */
export function readAnswer<T>(schema: z.ZodType<T>, answer: unknown, what: string): T {
  const read = schema.safeParse(answer);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const where = issue === undefined ? '' : `: ${issue.path.join('.')}: ${issue.message}`;
  throw new CloudError(
    'NP_CLOUD_TRANSIENT',
    `Google shows ${what} that is not understood${where}`,
    {
      labels: ['retryable'],
    },
  );
}
