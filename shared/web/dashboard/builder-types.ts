/** What builders tell of themselves (schemas/builder-status.ts), as the page gets it. Types alone. */
import type { z } from 'zod';

import type { buildsSchema, uploadsSchema } from '../../../schemas/builder-status.ts';

export type RunningBuild = z.infer<typeof buildsSchema>['builds'][number];
export type RunningUpload = z.infer<typeof uploadsSchema>['uploads'][number];

export interface BuilderActivity {
  readonly host: string;
  readonly reachable: boolean;
  readonly problem: string | null;
  readonly builds: readonly RunningBuild[];
  readonly uploads: readonly RunningUpload[];
}
