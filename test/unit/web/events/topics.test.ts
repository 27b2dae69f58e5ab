import assert from 'node:assert/strict';

import { settle } from '../../../../fixtures/clock.ts';
import type { Topic } from '../../../../shared/web/events/topic.ts';
import { storeTopics } from '../../../../shared/web/events/topics.ts';
import { StoreWorld } from '../../../support/fake-store.ts';

const BUILD = 'a'.repeat(32);

describe('topics of the event stream', () => {
  let world: StoreWorld;
  let topics: Map<string, Topic>;
  beforeEach(async () => {
    world = await StoreWorld.start();
    topics = new Map(storeTopics(world.store).map((topic) => [topic.name, topic]));
  });

  function topic(name: string): Topic {
    const found = topics.get(name);
    if (found === undefined) throw new Error(`no topic ${name}`);
    return found;
  }

  function rows(name: string): unknown[] {
    return [...topic(name).keys()].map((key) => topic(name).row(key));
  }

  /** Collects the ids of what a topic is told of. */
  function watch(name: string): { ids: Set<string>; end: () => void } {
    const ids = new Set<string>();
    const end = topic(name).watch((key) => ids.add(topic(name).idOf(key)));
    return { ids, end };
  }

  it('has nodes without their secrets, and is told of locks', async () => {
    const node = await world.node({
      connection_port: { token: 'hunter2' },
      user_data: 'hunter2',
      driver_data: { key: 'hunter2' },
      external_id: { instance: 'i-1', host: null },
      type: ['small'],
      tenant_name: 'acme',
    });
    const { ids, end } = watch('nodes');
    await world.store.nodes.take(node, { state: 'in-use' });
    assert.deepEqual([...ids], [node.id]);
    const [row] = rows('nodes') as [Record<string, unknown>];
    assert.doesNotMatch(JSON.stringify(row), /hunter2/);
    assert.deepEqual(
      [row.id, row.labels, row.state, row.locked, row.external_id, row.tenant],
      [node.id, ['small'], 'in-use', true, 'instance=i-1', 'acme'],
    );
    end();
    ids.clear();
    await world.node();
    assert.equal(ids.size, 0);
  });

  it('has requests', async () => {
    const { ids } = watch('requests');
    const { id } = await world.request({ node_types: ['small'], relative_priority: 7 });
    assert.deepEqual([...ids], [id]);
    const [row] = rows('requests') as [Record<string, unknown>];
    assert.deepEqual([row.id, row.labels, row.priority, row.nodes], [id, ['small'], 7, []]);
    await world.deleteRequest(id);
    await settle();
    assert.deepEqual(rows('requests'), []);
  });

  it('has images with their pause and order, builds and uploads', async () => {
    const [image, builds, uploads] = [watch('images'), watch('builds'), watch('uploads')];
    const root = '/nodepool/images/debian';
    await world.other.ensurePath(`${root}/builds`);
    const put = async (path: string, data: object): Promise<void> => {
      await world.other.ensurePath(path.slice(0, path.lastIndexOf('/')));
      await world.other.create(path, Buffer.from(JSON.stringify(data)));
    };
    await put(`${root}/builds/${BUILD}`, {
      state: 'building',
      state_time: 5,
      formats: 'qcow2,raw',
    });
    await put(`${root}/builds/${BUILD}/providers/cloud/images/0000000001`, {
      ...{ state: 'ready', state_time: 6, external_name: 'debian-1', external_id: 'x' },
    });
    await world.other.ensurePath(`${root}/request-build`);
    await settle();
    assert.deepEqual([...builds.ids], [`debian-${BUILD}`]);
    builds.ids.clear();
    await world.other.ensurePath(`${root}/pause`);
    await settle();
    assert.deepEqual([...image.ids], ['debian']);
    assert.deepEqual([...builds.ids], [`debian-${BUILD}`]);
    assert.deepEqual([...uploads.ids], [`debian/${BUILD}/cloud/0000000001`]);
    const [row] = rows('images') as [Record<string, unknown>];
    assert.deepEqual([row.id, row.paused, row.build_request], ['debian', true, 'building']);
    assert.equal(typeof row.build_request_time, 'number');
    assert.deepEqual(rows('builds'), [
      {
        ...{ id: `debian-${BUILD}`, image: 'debian', build: BUILD, builder: null },
        ...{ formats: ['qcow2', 'raw'], state: 'building', state_time: 5, paused: true },
      },
    ]);
    assert.equal((rows('uploads') as [{ id: string }])[0].id, `debian/${BUILD}/cloud/0000000001`);
    await world.other.deleteTree(root);
    await settle();
    assert.deepEqual([rows('images'), rows('builds'), rows('uploads')], [[], [], []]);
    assert.equal(topic('images').row('debian'), undefined);
  });

  it('has components, each by its path', async () => {
    const { ids } = watch('components');
    const record = { kind: 'pool', hostname: 'h', state: 'running', name: 'main', paused: true };
    await world.other.create(
      '/nodepool/components/pool/h0000000000',
      Buffer.from(
        JSON.stringify({ ...record, provider_name: 'cloud', supported_labels: ['small'] }),
      ),
    );
    await settle();
    assert.deepEqual([...ids], ['pool/h0000000000']);
    assert.deepEqual(JSON.parse(JSON.stringify(rows('components'))), [
      {
        ...{ id: 'pool/h0000000000', kind: 'pool', hostname: 'h', state: 'running', version: null },
        ...{ labels: ['small'], paused: true, provider: 'cloud', pool: 'main' },
      },
    ]);
  });
});
