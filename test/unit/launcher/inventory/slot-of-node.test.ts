import assert from 'node:assert/strict';

import { slotOfNode } from '../../../../launcher/inventory/slot-of-node.ts';
import type { InventorySlot } from '../../../../shared/drivers/driver.ts';
import { node } from '../../../support/launcher-world.ts';

const slot = (name: string, at: number): InventorySlot => ({
  ...{ pool: 'main', name, slot: at, labels: ['small'], username: 'zuul', connectionPort: 22 },
  ...{ connectionType: 'ssh', shellType: null, pythonPath: 'auto', hostKeyChecking: true },
  ...{ hostKeys: [], attributes: null },
});
const slots = [slot('a', 0), slot('a', 1), slot('b', 0)];

describe('slotOfNode', () => {
  const place = (fields: Parameters<typeof node>[0]) => {
    const found = slotOfNode(slots, node(fields));
    return found && `${found.name} ${found.slot}`;
  };

  it('is the place that the record names', () => {
    assert.equal(place({ hostname: 'a', slot: 1 }), 'a 1');
    assert.equal(place({ hostname: 'b', slot: 0 }), 'b 0');
  });

  it('is any place of the host where the record names none that is left', () => {
    assert.equal(place({ hostname: 'a', slot: null }), 'a 0');
    assert.equal(place({ hostname: 'b', slot: 5 }), 'b 0');
  });

  it('is nowhere for a host that is not configured', () => {
    assert.equal(place({ hostname: 'c', slot: 0 }), undefined);
  });
});
