import assert from 'node:assert/strict';

import { compareConfigs } from '../../../shared/config/changes.ts';
import { good } from './load-text.ts';

const text = `labels: [{name: a}]
diskimages: [{name: i, username: u}]
zookeeper-servers: [{host: z}]
providers:
- {name: fake-one, cloud: c, diskimages: [{name: i}], pools: [{name: m, max-servers: 1}]}
- {name: two, driver: static, pools: []}
extensions: {drivers: {fake: {create-delay: 1}}}
`;

function changes(from: string, to: string) {
  return compareConfigs(good(text), good(text.replace(from, to)));
}

const none = {
  providersAdded: [],
  providersChanged: [],
  providersRemoved: [],
  zookeeperServersChanged: false,
};

describe('compareConfigs', () => {
  it('finds nothing between two equal files', () => {
    assert.deepEqual(changes('', ''), none);
  });

  it('does not look at the order of keys and at comments', () => {
    assert.deepEqual(
      changes(
        '{name: two, driver: static, pools: []}',
        '{pools: [], driver: static, name: two} # same',
      ),
      none,
    );
  });

  it('finds providers that are new, gone or changed', () => {
    assert.deepEqual(changes('name: two', 'name: three'), {
      ...none,
      providersAdded: ['three'],
      providersRemoved: ['two'],
    });
    assert.deepEqual(changes('max-servers: 1', 'max-servers: 2'), {
      ...none,
      providersChanged: ['fake-one'],
    });
  });

  it('finds what a provider takes from elsewhere', () => {
    assert.deepEqual(changes('username: u', 'username: v'), {
      ...none,
      providersChanged: ['fake-one'],
    });
    assert.deepEqual(changes('create-delay: 1', 'create-delay: 2'), {
      ...none,
      providersChanged: ['fake-one'],
    });
    assert.deepEqual(changes('{drivers:', '{intervals: {cloud-poll: 3}, drivers:'), {
      ...none,
      providersChanged: ['fake-one', 'two'],
    });
    assert.deepEqual(changes('{drivers:', '{intervals: {cleanup: 3}, drivers:'), none);
  });

  it('finds other ZooKeeper servers', () => {
    assert.deepEqual(changes('host: z', 'host: y'), { ...none, zookeeperServersChanged: true });
  });
});
