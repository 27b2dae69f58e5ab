/**
 * The ZooKeeper that all integration tests of one mocha run share: started at the first call, one
 * server, plain and TLS. It ends with the process. Tests keep apart by `uniqueChroot`.
 */
import { randomBytes } from 'node:crypto';
import { startZooKeeper, type RunningZooKeeper } from '../../fixtures/zookeeper/start.ts';

let shared: Promise<RunningZooKeeper> | undefined;

/** The shared server. Do not stop or freeze it: start your own for that. */
export function zookeeper(): Promise<RunningZooKeeper> {
  shared ??= startZooKeeper({ mode: 'both', tickMs: 200 });
  return shared;
}

/** A path that nobody else uses, such as `/test-5f0c...`; the client or the test has to make it. */
export function uniqueChroot(name = 'test'): string {
  return `/${name}-${randomBytes(6).toString('hex')}`;
}
