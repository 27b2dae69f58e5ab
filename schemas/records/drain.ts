/**
 * Who drains a provider or a launcher, as it stands in `/nodepool/drain/<kind>s/<name>`. The znode's
 * presence is what counts; what it holds is for people. Ours alone: Python Nodepool and Zuul do not look
 * there.
 */
import { z } from 'zod';

export const drainKinds = ['provider', 'launcher'] as const;
export type DrainKind = (typeof drainKinds)[number];

const shape = {
  /** Unix seconds. */
  since: z.number(),
  /** `user@host`, or null where it is not known. */
  by: z.string().nullable().default(null),
  comment: z.string().nullable().default(null),
};

export const drainSchema = z.looseObject(shape);
export type DrainRecord = Readonly<z.infer<z.ZodObject<typeof shape>>>;
