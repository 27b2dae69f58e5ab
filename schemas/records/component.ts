/**
 * A process that is online, as it registers in `/nodepool/components/<kind>/<hostname><sequence>`.
 *
 * Readers start from the defaults and overlay what they find; keys are written in sorted order.
 */
import { z } from 'zod';

export const componentKinds = ['launcher', 'builder', 'pool'] as const;
export type ComponentKind = (typeof componentKinds)[number];

const shape = {
  hostname: z.string().default(''),
  kind: z.enum(componentKinds),
  state: z.string().default('stopped'),
  version: z.string().nullable().default(null),
  model_api: z.number().default(0),
  /** The pool's id, as in a request's `declined_by`. Pools only. */
  id: z.string().optional(),
  name: z.string().optional(),
  provider_name: z.string().optional(),
  supported_labels: z.array(z.string()).optional(),
  /** Lower is preferred. */
  priority: z.number().optional(),
  /** A handler of the pool waits for quota. */
  paused: z.boolean().optional(),
};

export const componentSchema = z.looseObject(shape);
export type ComponentRecord = Readonly<z.infer<z.ZodObject<typeof shape>>>;
