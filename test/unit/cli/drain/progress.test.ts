import assert from 'node:assert/strict';

import type { ComponentRecord } from '../../../../schemas/records/component.ts';
import type { NodeRecord } from '../../../../schemas/records/node.ts';
import { progressOf, type DrainView } from '../../../../shared/cli/drain/progress.ts';
import { sayDisobedience, sayProgress } from '../../../../shared/cli/drain/words.ts';
import { node } from '../../../support/launcher-world.ts';

const cloud = { kind: 'provider', name: 'cloud' } as const;
const host = { kind: 'launcher', name: 'host-a' } as const;

function pool(fields: Partial<ComponentRecord> = {}): ComponentRecord {
  return {
    ...{ kind: 'pool', hostname: 'host-a', state: 'draining', version: '0.1.0', model_api: 0 },
    ...{ id: 'pool-a', name: 'main', provider_name: 'cloud' },
    ...fields,
  };
}

function launcher(state: string, hostname = 'host-a'): ComponentRecord {
  return { kind: 'launcher', hostname, state, version: '0.1.0', model_api: 0 };
}

function view(
  fields: Partial<Omit<DrainView, 'nodes'>> & { nodes?: readonly Partial<NodeRecord>[] } = {},
): DrainView {
  const { nodes = [], ...rest } = fields;
  return {
    ...{ isDrained: true, pools: [], launchers: [] },
    ...rest,
    nodes: nodes.map((one, at) => ({ id: String(at), record: node(one) })),
  };
}

const of = (provider: string, state: NodeRecord['state']): Partial<NodeRecord> => ({
  ...{ provider, state },
});

describe('the progress of a drained provider', () => {
  it('counts its nodes by state, and nobody else’s', () => {
    const nodes = [of('cloud', 'in-use'), of('cloud', 'in-use'), of('cloud', 'deleting')];
    const progress = progressOf(cloud, view({ nodes: [...nodes, of('other', 'ready')] }));
    assert.deepEqual(progress.nodes, { deleting: 1, 'in-use': 2 });
    assert.equal(progress.is_empty, false);
    assert.equal(sayProgress(cloud, progress), 'provider cloud: 1 deleting, 2 in-use');
  });

  it('is at its end when no node is left and all launchers obey', () => {
    const progress = progressOf(cloud, view({ nodes: [of('other', 'ready')], pools: [pool()] }));
    assert.equal(progress.is_empty, true);
    assert.match(sayProgress(cloud, progress), /provider cloud is empty/);
  });

  it('names launchers that do not obey, with their version and what to do', () => {
    const python = pool({ hostname: 'host-b', state: 'running', version: '11.0.0', paused: true });
    const progress = progressOf(cloud, view({ pools: [pool(), python, pool({ name: 'two' })] }));
    assert.equal(progress.is_empty, false);
    assert.deepEqual(progress.obeying, [
      { hostname: 'host-a', version: '0.1.0', pools: ['cloud-main', 'cloud-two'] },
    ]);
    const [first] = progress.not_obeying;
    assert.deepEqual(first, { hostname: 'host-b', version: '11.0.0', pools: ['cloud-main'] });
    assert.match(sayDisobedience(cloud, first), /host-b \(version 11\.0\.0\).*cloud-main/);
    assert.match(sayDisobedience(cloud, first), /max-servers: 0 .* provider cloud/);
    assert.match(sayProgress(cloud, progress), /no nodes; host-b does not obey/);
  });

  it('says what ends a hold, since nobody else ends it', () => {
    const progress = progressOf(cloud, view({ nodes: [of('cloud', 'hold')] }));
    assert.match(sayProgress(cloud, progress), /1 hold; nodepool delete ends a hold \(0\)/);
  });
});

describe('the progress of a drained launcher', () => {
  it('is what it says of itself, in all of its processes', () => {
    const of = (...states: string[]): boolean =>
      progressOf(host, view({ launchers: states.map((state) => launcher(state)) })).is_empty;
    assert.equal(of('drained'), true);
    assert.equal(of('drained', 'draining'), false);
    assert.equal(of('running'), false);
    assert.equal(of(), true, 'none runs');
    const other = view({ launchers: [launcher('drained'), launcher('running', 'host-b')] });
    assert.equal(progressOf(host, other).is_empty, true);
  });

  it('counts the nodes that it is making', () => {
    const nodes = [
      { state: 'building', launcher: 'pool-a' },
      { state: 'building', launcher: 'elsewhere' },
      { state: 'in-use', launcher: 'pool-a' },
    ] as const;
    const progress = progressOf(
      host,
      view({ nodes, pools: [pool()], launchers: [launcher('draining')] }),
    );
    assert.equal(sayProgress(host, progress), 'launcher host-a makes nodes: 1 building');
  });

  it('names one that does not obey', () => {
    const progress = progressOf(host, view({ launchers: [launcher('running')] }));
    const [first] = progress.not_obeying;
    assert.ok(first);
    assert.match(sayDisobedience(host, first), /stop it instead/);
    assert.equal(
      sayProgress(host, progress),
      'launcher host-a ends what it serves; host-a does not obey',
    );
  });
});
