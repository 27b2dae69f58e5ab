import assert from 'node:assert/strict';

import { failureKind, failureMetric } from '../../../../launcher/launch/failure.ts';
import { CloudError, NodepoolError, ZooKeeperError } from '../../../../shared/base/errors.ts';

const cloud = (code: CloudError['code']) => new CloudError(code, 'told by the cloud');
const zk = (code: CloudError['code']) => new ZooKeeperError(code, 'told by ZooKeeper');
const wrapped = (cause: Error) => new Error('while launching', { cause });

describe('a failed launch', () => {
  for (const [what, error, kind, metric] of [
    ['over quota', cloud('NP_CLOUD_QUOTA'), 'quota', 'error.quota'],
    ['over quota, said in a cause', wrapped(cloud('NP_CLOUD_QUOTA')), 'quota', 'error.quota'],
    ['out of capacity', cloud('NP_CLOUD_CAPACITY'), 'attempt', 'error.capacity'],
    ['misconfigured', cloud('NP_CLOUD_FATAL'), 'final', 'error.status'],
    ['a passing fault of the cloud', cloud('NP_CLOUD_TRANSIENT'), 'attempt', 'error.status'],
    ['gone', cloud('NP_CLOUD_NOT_FOUND'), 'attempt', 'error.status'],
    ['too slow', cloud('NP_LAUNCH_TIMEOUT'), 'attempt', 'error.servercreatetimeout'],
    ['without host keys', cloud('NP_KEYSCAN_FAILED'), 'attempt', 'error.keyscan'],
    ['without a session', zk('ZK_SESSION_EXPIRED'), 'lost', 'error.zksession'],
    ['without its lock', zk('ZK_LOCK_LOST'), 'lost', 'error.zksession'],
    ['without a connection', zk('ZK_CONNECTION_LOSS'), 'lost', 'error.unknown'],
    ['broken off', new NodepoolError('NP_ABORTED', 'stopping'), 'lost', 'error.unknown'],
    ['an error of the driver', new TypeError('x is not a function'), 'attempt', 'error.unknown'],
    ['no error at all', 'text', 'attempt', 'error.unknown'],
  ] as const) {
    it(`that is ${what} counts as ${kind}, in the metrics as ${metric}`, () => {
      assert.equal(failureKind(error), kind);
      assert.equal(failureMetric(error), metric);
    });
  }

  it('counts by its labels, too', () => {
    const quota = new CloudError('NP_CLOUD_TRANSIENT', 'fault', { labels: ['quota'] });
    const capacity = new CloudError('NP_CLOUD_TRANSIENT', 'fault', { labels: ['capacity'] });
    assert.equal(failureKind(quota), 'quota');
    assert.equal(failureMetric(capacity), 'error.capacity');
  });
});
