/** A launcher that has nothing, as the web server sees it. */
import type { WebSource } from '../../shared/web/source.ts';
import { quietStatus } from './launcher-status.ts';

export function quietSource(fields: Partial<WebSource> = {}): WebSource {
  return {
    ...{ launcher: 'launcher-host', version: '0.0.0-test', topics: [] },
    ...{ nodes: () => [], node: () => undefined, requests: () => [], labels: () => [] },
    images: { images: () => [], builds: () => [], uploads: () => [] },
    ...{ explain: () => undefined, explainWaiting: () => ({}), status: quietStatus },
    isReady: () => true,
    ...fields,
  };
}
