/** A launcher that has nothing, as the web server sees it. */
import type { ActionResult, Actions } from '../../shared/web/admin/actions.ts';
import type { WebSource } from '../../shared/web/source.ts';
import { quietStatus } from './launcher-status.ts';

export function quietSource(fields: Partial<WebSource> = {}): WebSource {
  return {
    ...{ launcher: 'launcher-host', version: '0.0.0-test', topics: [] },
    ...{ nodes: () => [], node: () => undefined, requests: () => [], labels: () => [] },
    images: { images: () => [], builds: () => [], uploads: () => [] },
    ...{ explain: () => undefined, explainWaiting: () => ({}), status: quietStatus },
    isReady: () => true,
    actions: noActions,
    builders: { targets: () => [], buildsOf: () => [], areLogsKept: () => false },
    ...fields,
  };
}

/** Whatever is asked for, there is none. */
const nothing = (): Promise<ActionResult> =>
  Promise.resolve({ status: 404, message: 'there is none' });

const noActions: Actions = {
  ...{ holdNode: nothing, deleteNode: nothing },
  ...{ pauseImage: nothing, unpauseImage: nothing, buildImage: nothing },
};
