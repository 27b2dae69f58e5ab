/** All panes, from top to bottom. */
import { imagesPane } from './images.ts';
import { launchesPane } from './launches.ts';
import { nodesPane } from './nodes.ts';
import type { PaneMaker } from './pane.ts';
import { processesPane } from './processes.ts';
import { quotaPane } from './quota.ts';
import { waitingPane } from './waiting.ts';

export const PANES: readonly PaneMaker[] = [
  ...[waitingPane, launchesPane, quotaPane, nodesPane, imagesPane, processesPane],
];
