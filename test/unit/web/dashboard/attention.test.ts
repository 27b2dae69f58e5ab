/** What the dashboard's overview says somebody should look at. */
import assert from 'node:assert/strict';

import { noticesOf } from '../../../../shared/web/dashboard/attention.js';
import type { Topic, TopicRows } from '../../../../shared/web/dashboard/types.ts';
import { demoBuilders, demoStatus } from '../../../support/dashboard/demo-status.ts';
import { demoNodes, demoRequests } from '../../../support/dashboard/demo-rows.ts';

const NOW = 1_800_000_000;

type Known = Parameters<typeof noticesOf>[0];

/** As the page knows it. */
function cluster(
  changes: Partial<{ [T in Topic]: TopicRows[T][] }> = {},
  more: Partial<Pick<Known, 'status' | 'builders'>> = {},
): Known {
  const rows: Partial<Record<Topic, readonly { id: string }[]>> = changes;
  const known = {
    rows: (topic: Topic) => new Map((rows[topic] ?? []).map((row) => [row.id, row])),
    builders: demoBuilders(NOW),
    status: undefined,
    ...more,
  };
  return known as Known;
}

const texts = (...args: Parameters<typeof noticesOf>): string[] =>
  noticesOf(...args).map(({ text }) => text);

describe('what needs a look', () => {
  it('is nothing where all is well, or nothing is known', () => {
    assert.deepEqual(noticesOf(cluster(), [], NOW), []);
  });

  it('begins with what is broken', () => {
    const moods = noticesOf(
      cluster(
        { nodes: demoNodes({ nodes: 500, requests: 0 }, NOW) },
        { status: demoStatus([], NOW) },
      ),
      [],
      NOW,
    ).map(({ mood }) => mood);
    const rank = moods.map((mood) => ['bad', 'held', 'busy'].indexOf(mood));
    assert.ok(new Set(moods).size === 3);
    assert.deepEqual(rank, rank.toSorted());
  });

  it('names the request that has waited longest, once that is long', () => {
    const requests = demoRequests({ nodes: 0, requests: 20 }, NOW);
    assert.deepEqual(texts(cluster({ requests }), [], NOW), []);
    const waiting = requests.filter(({ state }) => state === 'requested');
    const oldest = waiting.toSorted((a, b) => (a.created_time ?? 0) - (b.created_time ?? 0))[0];
    assert.match(
      texts(cluster({ requests }), [], NOW + 7200).join(),
      new RegExp(`${oldest?.id} has waited for 2 h`),
    );
  });

  it('is a builder that cannot be asked, but not Python’s, which has nothing to ask', () => {
    const away = { host: 'nb01', reachable: false, problem: 'it is away', builds: [], uploads: [] };
    const asked = (version: string): string[] => {
      const builder = { id: 'b', kind: 'builder', hostname: 'nb01', state: 'running', version };
      return texts(cluster({ components: [builder] }, { builders: [away] }), [], NOW);
    };
    assert.deepEqual(asked('0.1.0'), [
      'The web server of builder nb01 cannot be reached: it is away',
    ]);
    assert.deepEqual(asked('11.0.0'), []);
  });
});
