import assert from 'node:assert/strict';

import { launchSpec } from '../../../support/launch-spec.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { countOf } from './services.ts';
import { openStackSubject } from './subject.ts';

describe('many launches', () => {
  it('cost one listing a tick, a thousand of them as one', async () => {
    const { clock, cloud, config, connect } = openStackSubject({ pageSize: 2000 });
    const provider = await settleByTurning(clock, connect());
    cloud.hold('create');
    const controller = new AbortController();
    const all = Array.from({ length: 1000 }, (_, index) => {
      const nodeId = String(index).padStart(10, '0');
      return assert.rejects(
        Promise.resolve(
          provider.launch?.(launchSpec(config, 'plain', { nodeId }), controller.signal),
        ),
      );
    });
    await clock.advance(1500);
    assert.equal(countOf(cloud, 'POST servers'), 1000);
    cloud.calls.length = 0;
    await clock.advance(3000);
    assert.deepEqual(cloud.calls, Array(3).fill('GET servers/detail'));
    controller.abort();
    await Promise.all(all);
    await provider.close();
  });
});
