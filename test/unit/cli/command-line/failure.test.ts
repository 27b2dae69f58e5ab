import assert from 'node:assert/strict';
import { ConfigError, NodepoolError, ZooKeeperError } from '../../../../shared/base/errors.ts';
import { failureText } from '../../../../shared/cli/command-line/failure.ts';

describe('the failure of a command', () => {
  it('is told in a line, with its causes and what to do', () => {
    const cause = new Error('fetch failed', { cause: new Error('connect ECONNREFUSED') });
    const error = new NodepoolError('NP_PROVIDER_START', 'it cannot start', {
      cause,
      hint: 'look',
    });
    assert.equal(
      failureText(error, false),
      'nodepool: it cannot start: fetch failed: connect ECONNREFUSED\nlook',
    );
  });

  it('says nothing twice', () => {
    const cause = new Error('ENOENT: no such file');
    const error = new NodepoolError('NP_LOG_CONFIG', `cannot read x: ${cause.message}`, { cause });
    assert.equal(failureText(error, false), 'nodepool: cannot read x: ENOENT: no such file');
  });

  it('ends though causes go round in a circle', () => {
    const error = new Error('a');
    error.cause = error;
    assert.equal(failureText(error, false), 'nodepool: a');
  });

  it('is that of a configuration by its own lines', () => {
    const error = new ConfigError('NP_CONFIG_INVALID', 'nodepool.yaml:1:1: wrong');
    assert.equal(failureText(error, false), 'nodepool.yaml:1:1: wrong');
  });

  it('says where nobody knows whether anything was done', () => {
    const error = new ZooKeeperError('ZK_CONNECTION_LOSS', 'lost', { labels: ['ambiguous'] });
    assert.match(failureText(error, false), /^nodepool: lost\nwhether it took effect is not known/);
  });

  it('has its stack for who wants all details, and is told whatever was thrown', () => {
    assert.match(failureText(new Error('x'), true), /^Error: x\n +at /);
    assert.equal(failureText('just a text', true), 'nodepool: just a text');
  });
});
