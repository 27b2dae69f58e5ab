/**
 * What the explanations and the dump look at. They read; they change nothing and never wait.
 */
import type { Store } from '../../shared/store/store.ts';
import type { Answers } from '../assignment/answers.ts';
import type { OnlinePools } from '../assignment/pool-view.ts';
import type { NodeDeleter } from '../nodes/deleter.ts';
import type { Pools } from '../pools/pools.ts';
import type { Providers } from '../providers/providers.ts';
import type { Serving } from '../requests/serving.ts';

export interface ExplainParts {
  /** Under which this launcher is registered. */
  readonly hostname: string;
  readonly store: Store;
  readonly pools: Pools;
  readonly providers: Providers;
  readonly serving: Serving;
  readonly deleter: NodeDeleter;
  readonly answers: Answers;
  /** All pools online, of all launchers. */
  readonly online: OnlinePools;
}
