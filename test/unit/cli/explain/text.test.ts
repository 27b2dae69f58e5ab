import assert from 'node:assert/strict';

import { explanationText } from '../../../../shared/cli/explain/text.ts';
import {
  answered,
  component,
  cores,
  explained,
  facts,
  node,
  NOW,
  pool,
  reason,
  requestView,
  serving,
  silent,
} from './world.ts';

function text(...world: Parameters<typeof explained>): string {
  return explanationText(explained(...world), NOW);
}

const python = component({ id: 'py', hostname: 'py-host', provider_name: 'py', paused: true });

describe('the explanation of a request', () => {
  it('begins with the answer and then says what it rests on', () => {
    const before = { count: 12, requests: ['100-0000000003', '200-0000000001'] };
    const shown = text(
      facts({
        pools: [component(), component({ id: 'b', provider_name: 'b' }), python],
        record: { provider: 'cloud' },
      }),
      [
        answered({
          pools: [
            pool({
              reasons: [reason('quota-here-not-elsewhere', 'no quota left', [cores])],
              before,
            }),
            pool({
              ...{ id: 'b', provider: 'b', answer: 'decline', since: NOW - 3 },
              reasons: [reason('image-missing', 'label small has no image yet')],
            }),
            pool({
              ...{ id: 'c', provider: 'c', answer: 'defer', since: null },
              reasons: [reason('other-pool-has-label', 'a pool of provider cloud has the labels')],
            }),
          ],
          absent: [{ provider: 'd', reason: 'wrong password', again_at: NOW + 42 }],
        }),
        silent('py-host'),
      ],
    );
    assert.equal(
      shown,
      `200-0000000012 waits for quota in cloud-main: 3 of 4 cores missing (limit of the pool)

state      requested for 12 min 5 s, asked for 12 min 5 s ago
labels     small
by         zuul, tenant acme
event      e1e1
wants      provider cloud
before it  12 in cloud-main: 100-0000000003, 200-0000000001 and 10 more

pools
  cloud-main  not now   for 12 min; no quota left: 3 of 4 cores missing (limit of the pool)
  py-main     unknown   has the labels, it is paused, launcher py-host cannot be asked why
  b-main      declined  for 3 s; label small has no image yet
  1 pool has not all labels

absent
  provider d of host-a  wrong password; tried again in 42 s

launchers
  host-a   http://host-a:8005   answered
  py-host  http://py-host:8005  cannot be asked: it answers 404, as Python’s launchers do`,
    );
  });

  it('tells what ZooKeeper knows where nobody can be asked, and says so', () => {
    const earlier = [
      requestView({}, '100-0000000003'),
      requestView({ node_types: ['large'] }, '1'),
    ];
    const shown = text(facts({ pools: [python], earlier }), [silent('py-host')]);
    assert.equal(
      shown,
      `200-0000000012 is left to py-main, whose launcher py-host cannot be asked; it waits for quota, says ZooKeeper
No launcher could be asked; this is what ZooKeeper tells.

state      requested for 12 min 5 s, asked for 12 min 5 s ago
labels     small
by         zuul, tenant acme
event      e1e1
before it  1 in py-main: 100-0000000003

pools
  py-main  unknown  has the labels, it is paused, launcher py-host cannot be asked why

launchers
  py-host  http://py-host:8005  cannot be asked: it answers 404, as Python’s launchers do`,
    );
  });

  it('shows each node of a request that is being served', () => {
    const shown = text(facts({ record: { state: 'pending', node_types: ['small', 'large'] } }), [
      answered({
        state: 'pending',
        serving: serving(
          [
            {
              ...{ phase: 'cleaning-up', node: '0000000031', attempt: 2 },
              problem: 'the server is in ERROR',
            },
            { label: 'large', phase: 'waiting-for-room', missing: [cores] },
          ],
          { before: { count: 1, requests: ['100-0000000003'] } },
        ),
      }),
    ]);
    assert.equal(
      shown,
      `200-0000000012 waits for quota in cloud-main behind 100-0000000003: 3 of 4 cores missing (limit of the pool); 0 of 2 nodes ready

state      pending for 12 min 5 s, asked for 12 min 5 s ago
labels     small, large
by         zuul, tenant acme
event      e1e1
before it  1 in cloud-main: 100-0000000003

nodes
  small (node 0000000031): cleaning up for 1 min 1 s, attempt 2 of 3; last problem: the server is in ERROR
  large: waiting for room for 1 min 1 s: 3 of 4 cores missing (limit of the pool)

pools
  1 pool has not all labels

launchers
  host-a  http://host-a:8005  answered`,
    );
  });

  it('says nothing of pools that do not matter while another serves it', () => {
    const record = { state: 'pending' } as const;
    for (const known of [facts({ record }), facts()]) {
      const shown = text(known, [answered({ state: 'pending', serving: serving([{}]) })]);
      assert.match(shown, /^200-0000000012 is being served by cloud-main: /);
      assert.doesNotMatch(shown, /cannot be asked/);
    }
  });

  it('shows the nodes in ZooKeeper where its launcher cannot be asked', () => {
    const shown = text(
      facts({
        record: { state: 'pending' },
        isLocked: true,
        pools: [],
        nodes: [node('0000000031', { provider: 'py' })],
      }),
      [],
    );
    assert.match(
      shown,
      /^nodes\n {2}0000000031 {2}py-main {2}small {2}building for 1 min 1 s, locked$/m,
    );
  });

  it('says that a launcher does not see ZooKeeper now', () => {
    const shown = text(facts(), [answered({ is_current: false })]);
    assert.match(shown, / answered: it does not see ZooKeeper now$/);
  });
});
