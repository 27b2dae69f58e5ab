import assert from 'node:assert/strict';

import { hostKeyOf, hostOfNode } from '../../../../shared/rules/nodes/host-of-node.ts';
import { node } from '../../../support/launcher-world.ts';

describe('the host of a node', () => {
  const host = hostKeyOf({ name: 'a', username: 'zuul', connectionPort: 22 });

  it('is its host name, or else the id of its machine', () => {
    assert.equal(hostOfNode(node({ hostname: 'a', external_id: 'b' })), host);
    assert.equal(hostOfNode(node({ external_id: 'a' })), host);
  });

  it('is told from others by user and port', () => {
    assert.notEqual(hostOfNode(node({ hostname: 'a', username: 'root' })), host);
    assert.notEqual(hostOfNode(node({ hostname: 'a', connection_port: 2222 })), host);
  });

  it('has the port of old records, or else 22', () => {
    const { connection_port: port, ssh_port: copy, ...bare } = node({ hostname: 'a' });
    assert.deepEqual([port, copy], [22, 22]);
    assert.equal(hostOfNode(bare), host);
    assert.equal(
      hostOfNode({ ...bare, ssh_port: 2222 }),
      hostKeyOf({ name: 'a', username: 'zuul', connectionPort: 2222 }),
    );
  });
});
