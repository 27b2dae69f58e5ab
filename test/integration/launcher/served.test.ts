/**
 * A request is served: what stands in both records afterwards, key by key, and what becomes of the
 * node. Keys and values: zookeeper-schema of Python Nodepool 11, sections 2 and 3.
 */
import assert from 'node:assert/strict';
import { eventually } from '../../support/eventually.ts';
import { config, play } from '../../support/launcher-scene.ts';
import { SYSTEM_ID, TENANT } from '../../support/zuul-side.ts';

/** Every key of a request, in the words of both sides. */
const REQUEST_KEYS = [
  ...['created_time', 'declined_by', 'event_id', 'node_types', 'nodes', 'provider'],
  ...['relative_priority', 'requestor', 'requestor_data', 'reuse', 'state', 'state_time'],
  'tenant_name',
];

describe('a request that is served', () => {
  it('has all its keys, those of the requestor untouched', () =>
    play(config(), async ({ zuul }) => {
      const submitted = await zuul.submit(['small'], { relative_priority: 3 });
      const before = await zuul.request(submitted);
      const record = await zuul.untilState(submitted, 'fulfilled');
      assert.deepEqual(Object.keys(record).toSorted(), REQUEST_KEYS);
      const { state, state_time, nodes, declined_by, reuse, ...untouched } = record;
      const { state_time: asked, ...wanted } = before ?? {};
      assert.deepEqual({ ...untouched, state: 'requested' }, wanted);
      assert.deepEqual(
        { state, declined_by, reuse },
        { state: 'fulfilled', declined_by: [], reuse: true },
      );
      assert.equal((nodes as string[]).length, 1);
      assert.ok((state_time as number) > (asked as number));
    }));

  it('has a node with every key of the schema', () =>
    play(
      config({ pool: { 'node-attributes': { rack: 'r1' }, 'availability-zones': ['az2'] } }),
      async ({ zuul, cloud }) => {
        const { id, nodes } = await zuul.ask(['small']);
        const node = await zuul.node(nodes[0] ?? '');
        const [pool] = await zuul.components('pool');
        const { state_time, created_time, ...rest } = node ?? {};
        assert.deepEqual(rest, {
          state: 'ready',
          ...{ cloud: 'fake', region: 'region-one', az: 'az2', host_id: 'fake' },
          ...{ provider: 'cloud', pool: 'main', type: ['small'], allocated_to: id },
          ...{ public_ipv4: 'fake', private_ipv4: 'fake', public_ipv6: '', interface_ip: 'fake' },
          ...{ connection_type: 'ssh', connection_port: 22, ssh_port: 22 },
          ...{ username: null, shell_type: null, python_path: 'auto' },
          host_keys: rest.host_keys,
          ...{ image_id: 'image', launcher: pool?.id, external_id: cloud.servers[0]?.id },
          ...{ hostname: null, comment: null, hold_job: null, hold_expiration: null },
          ...{ user_data: null, resources: { instances: 1, cores: 4, ram: 8192 }, slot: null },
          ...{ attributes: { rack: 'r1' }, node_properties: {} },
          ...{ tenant_name: TENANT, requestor: SYSTEM_ID, driver_data: null },
        });
        assert.ok((created_time as number) <= (state_time as number));
      },
    ));

  it('is answered while its node and itself are unlocked', () =>
    play(config(), async ({ zuul }) => {
      await zuul.ask(['small', 'large']);
      assert.deepEqual(await zuul.heldLocks(), []);
    }));

  it('has its nodes in the order of the labels', () =>
    play(config({ faults: { 'create-delay': [0, 0.1] } }), async ({ zuul }) => {
      const labels = ['large', 'small', 'large', 'small', 'small'];
      const { nodes } = await zuul.ask(labels);
      assert.equal(new Set(nodes).size, labels.length);
      const types = await Promise.all(nodes.map(async (id) => (await zuul.node(id))?.type));
      assert.deepEqual(
        types,
        labels.map((label) => [label]),
      );
    }));

  it('has all its nodes in one availability zone', () =>
    play(config({ pool: { 'availability-zones': ['az1', 'az2'] } }), async ({ zuul }) => {
      const { nodes } = await zuul.ask(Array<string>(6).fill('small'));
      const zones = await Promise.all(nodes.map(async (id) => (await zuul.node(id))?.az));
      assert.equal(new Set(zones).size, 1);
    }));

  it('is served before one of lower priority that came earlier', () =>
    play(config({ pool: { 'max-servers': 1 } }), async ({ zuul }) => {
      const first = await zuul.ask(['small']);
      const using = await zuul.use(first.id, first.nodes);
      const blocking = await zuul.submit(['small']);
      await zuul.untilState(blocking, 'pending');
      const low = await zuul.submit(['small'], {}, '300');
      const late = await zuul.submit(['small'], { relative_priority: 5 });
      const high = await zuul.submit(['small'], {}, '100');
      await using.giveBack();
      const order: string[] = [];
      for (const expected of [blocking, high, late, low]) {
        const record = await zuul.untilState(expected, 'fulfilled');
        order.push(expected);
        const next = await zuul.use(expected, record.nodes as string[]);
        await next.giveBack();
      }
      assert.equal(order.length, 4);
    }));
});

describe('a node that was handed out', () => {
  it('is deleted with its server when Zuul has used it', () =>
    play(config(), async ({ zuul, cloud }) => {
      const { id, nodes } = await zuul.ask(['small', 'small']);
      const using = await zuul.use(id, nodes);
      assert.equal(cloud.servers.length, 2);
      await using.giveBack();
      await zuul.untilGone(nodes);
      assert.equal(cloud.servers.length, 0);
    }));

  it('is deleted when the executor dies and leaves it in use', () =>
    play(config(), async ({ zuul, cloud }) => {
      const { id, nodes } = await zuul.ask(['small']);
      await (await zuul.use(id, nodes)).abandon();
      await zuul.untilGone(nodes);
      assert.equal(cloud.servers.length, 0);
    }));

  it('stays as long as it is locked or held', () =>
    play(config(), async ({ zuul, own }) => {
      const { id, nodes } = await zuul.ask(['small', 'large']);
      const using = await zuul.use(id, nodes);
      const [held = '', locked = ''] = nodes;
      await zuul.change(held, { state: 'hold', comment: 'look at this', hold_job: 'a job' });
      await zuul.change(locked, { state: 'used' });
      // Something else that the launcher deletes meanwhile shows that it has looked.
      const other = await zuul.ask(['small']);
      await (await zuul.use(other.id, other.nodes)).giveBack();
      await zuul.untilGone(other.nodes);
      assert.deepEqual(await zuul.nodeIds(), nodes.toSorted());
      await using.abandon();
      await zuul.untilGone([locked]);
      assert.equal((await zuul.node(held))?.comment, 'look at this');
      await own.stop();
    }));

  it('is free again when Zuul cancels after the fulfilment, and serves the next', () =>
    play(config(), async ({ zuul, cloud }) => {
      const { id, nodes } = await zuul.ask(['small']);
      await zuul.cancel(id);
      await eventually(async () => {
        assert.equal((await zuul.node(nodes[0] ?? ''))?.allocated_to, null);
      });
      const next = await zuul.ask(['small']);
      assert.deepEqual(next.nodes, nodes);
      assert.equal(cloud.calls.create, 1);
    }));
});
