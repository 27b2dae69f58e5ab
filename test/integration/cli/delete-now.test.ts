/** Nodes that a command deletes itself, in a fake cloud that is not in its process. */
import assert from 'node:assert/strict';
import { startFakeCloudServer, type FakeCloudServer } from '../../../fixtures/fake-cloud/server.ts';
import { newNode, type NodeRecord } from '../../../schemas/records/node.ts';
import { FLAVORS } from '../../../shared/drivers/fake/catalog.ts';
import type { FakeCloud } from '../../../shared/drivers/fake/cloud.ts';
import { NO_FAULTS } from '../../../shared/drivers/fake/faults.ts';
import { nodeLockPath, nodePath } from '../../../shared/store/paths.ts';
import { CliSite } from '../../support/cli-site.ts';
import { eventually } from '../../support/eventually.ts';
import { fakeProvider } from '../../support/launcher-scene.ts';

const ID = '0000000007';

describe('nodepool delete --now', () => {
  let server: FakeCloudServer;
  let cloud: FakeCloud;
  let site: CliSite;

  before(async () => {
    server = await startFakeCloudServer({ seed: 1 });
    cloud = server.cloud('cloud');
  });
  beforeEach(async () => {
    cloud.setFaults(NO_FAULTS);
    site = await CliSite.make({
      labels: [{ name: 'small' }, { name: 'part' }, { name: 'large' }],
      providers: [
        fakeProvider(),
        { name: 'lost', driver: 'openstack', cloud: 'nowhere', pools: [] },
        {
          name: 'parts',
          driver: 'metastatic',
          pools: [{ name: 'main', labels: [{ name: 'part', 'backing-label': 'small' }] }],
        },
        {
          name: 'hosts',
          driver: 'static',
          pools: [{ name: 'main', nodes: [{ name: 'host.test', labels: ['small'] }] }],
        },
      ],
      extensions: { drivers: { fake: { server: server.url } } },
    });
  });
  afterEach(async () => {
    await site.close();
    for (const { id } of cloud.list()) cloud.vanish(id);
  });
  after(() => server.close());

  const [flavor] = FLAVORS;
  async function put(fields: Partial<NodeRecord> = {}): Promise<NodeRecord> {
    assert.ok(flavor);
    const { id } = cloud.plant(flavor);
    const common = { provider: 'cloud', pool: 'main', type: ['small'], external_id: id } as const;
    const record = newNode(
      { ...common, type: ['small'], state: 'ready', ...fields },
      1_700_000_000,
    );
    await site.put(nodePath(ID), record);
    return record;
  }

  const stored = async (): Promise<NodeRecord | undefined> => {
    if (!(await site.client.exists(nodePath(ID)))) return undefined;
    return JSON.parse((await site.client.get(nodePath(ID))).data.toString()) as NodeRecord;
  };
  /** Whoever holds or wants it; the end of a session takes its time. */
  const untilUnlocked = (): Promise<void> =>
    eventually(async () => {
      assert.deepEqual((await site.client.children(nodeLockPath(ID))).children, []);
    });

  it('deletes the machine, then the node, and shows that it is gone', async () => {
    await put();
    const { code, out, err } = await site.ours('delete', ID, '--now');
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^\+-+\+.*\n\| ID \| Provider .*\n\+-+\+.*\n\+-+\+.*\n$/);
    assert.deepEqual(cloud.list(), []);
    assert.equal(await stored(), undefined);
  });

  for (const [what, fields] of [
    ['whose machine is gone', { external_id: 'nobody' }],
    ['that never had a machine', { external_id: null, state: 'building' }],
    ['of a host', { provider: 'hosts', external_id: 'host.test', hostname: 'host.test', slot: 0 }],
    ['on a backing node', { provider: 'parts', type: ['part'], external_id: ID }],
  ] as const)
    it(`deletes a node ${what}, and no machine`, async () => {
      await put({ ...fields, type: ['small'] });
      const { code, err } = await site.ours('delete', ID, '--now');
      assert.deepEqual([code, err], [0, '']);
      assert.equal(cloud.list().length, 1);
      assert.equal(await stored(), undefined);
    });

  it('leaves the node to launchers where the cloud does not delete it', async () => {
    await put();
    cloud.setFaults({ ...NO_FAULTS, delete: [{ mode: 'error' }] });
    const { code, out, err } = await site.ours('delete', ID, '--now');
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /^nodepool: node 0000000007 has not been deleted: .+\n.*a launcher/);
    assert.equal((await stored())?.state, 'deleting');
    await untilUnlocked();
  });

  it('changes nothing where the provider cannot start', async () => {
    const before = await put({ provider: 'lost' });
    const { code, out, err } = await site.ours('delete', ID, '--now');
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /^nodepool: provider lost cannot start: .*nowhere.*\nlook at its section/s);
    assert.doesNotMatch(err, /\n +at /, 'no stack trace');
    assert.deepEqual(await stored(), before);
    await untilUnlocked();
  });

  it('leaves the node to launchers when the user interrupts', async () => {
    await put();
    cloud.setFaults({ ...NO_FAULTS, delete: [{ mode: 'hang' }] });
    const controller = new AbortController();
    site.signal = controller.signal;
    const command = site.ours('delete', ID, '--now');
    await eventually(async () => {
      assert.equal((await stored())?.state, 'deleting');
    });
    assert.equal((await site.client.children(nodeLockPath(ID))).children.length, 1);
    controller.abort(new Error('interrupted'));
    const { code, err } = await command;
    assert.equal(code, 1);
    assert.match(err, /has not been deleted: aborted: interrupted\n/);
    assert.equal((await stored())?.state, 'deleting');
    await untilUnlocked();
  });
});
