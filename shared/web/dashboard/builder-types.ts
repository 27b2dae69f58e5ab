/** What builders tell of themselves, as the page gets it. Types alone. */
import type { BuilderNews } from '../../../schemas/builder-status.ts';

export type BuilderActivity = Readonly<BuilderNews['builders'][number]>;
export type RunningBuild = BuilderActivity['builds'][number];
export type RunningUpload = BuilderActivity['uploads'][number];
