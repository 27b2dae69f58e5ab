/**
 * `extensions:`, our own options under the one top-level key that Python Nodepool's loader ignores,
 * so that going back stays possible.
 */
import { z } from 'zod';

import { flag, free, fraction, whole } from './kit.ts';

/** Zero would mean a loop without a pause. */
const seconds = (about: string) => fraction(about).min(0.01);

export const intervalsSchema = z.strictObject({
  'config-check': seconds(
    'Between two looks at the files, where the system tells of no change.',
  ).default(5),
  cleanup: seconds('Between two rounds of upkeep: leaks, ages, lost requests.').default(60),
  delete: seconds('Until a failed deletion is tried again.').default(5),
  'request-lock-age': seconds('Age at which the lock of a vanished request is removed.').default(
    28_800,
  ),
  'cloud-poll': seconds('Between two listings of a cloud while something is awaited.').default(1),
  resync: seconds('Between two full evaluations of all waiting requests.').default(60),
  'image-check': seconds(
    'Until an image, flavor or network that a cloud does not have is looked for again.',
  ).default(300),
  'build-check': seconds('Builder: between two looks for images that are due.').default(10),
  'upload-check': seconds('Builder: between two looks for uploads that are missing.').default(10),
});

export const extensionsSchema = z.strictObject({
  zookeeper: z
    .strictObject({
      'verify-hostname': flag(
        'Compare the host name of ZooKeeper servers with their certificates.',
      ).default(false),
    })
    .describe('The connection to ZooKeeper.')
    .prefault({}),
  log: z
    .strictObject({
      format: z.enum(['text', 'json']).describe('Form of log lines.').default('text'),
    })
    .describe('The log.')
    .prefault({}),
  intervals: intervalsSchema
    .describe('Periods in seconds. Environment variables NODEPOOL_INTERVAL_* win.')
    .prefault({}),
  'stop-grace': fraction('Seconds that SIGTERM leaves running launches to reach a safe point.')
    .min(0)
    .default(30),
  'upload-workers': whole('Builder: uploads at once. NODEPOOL_UPLOAD_WORKERS stands over it.')
    .int()
    .min(0)
    .default(4),
  drivers: free('Options for drivers of ours, by driver name.').default({}),
});

export type ExtensionsSection = z.output<typeof extensionsSchema>;
