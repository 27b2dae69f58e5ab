import assert from 'node:assert/strict';

import type { Provider } from '../../../../shared/drivers/driver.ts';
import { launchSpec } from '../../../support/launch-spec.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { countOf, never } from './services.ts';
import { openStackSubject } from './subject.ts';

const DELETE = 'DELETE servers/*';

async function subject() {
  const { clock, cloud, config, connect } = openStackSubject();
  const provider: Provider = await settleByTurning(clock, connect());
  const remove = (externalId: string, driverData: unknown): Promise<void> =>
    settleByTurning(
      clock,
      provider.delete({ externalId, nodeId: '0000000001', driverData }, never()),
    );
  const launch = async (label: string) => {
    const made = await settleByTurning(
      clock,
      provider.launch?.(launchSpec(config, label), never()) ?? Promise.reject(new Error('none')),
    );
    assert.ok(typeof made.externalId === 'string');
    return { id: made.externalId, driverData: made.driverData };
  };
  return { clock, cloud, provider, remove, launch };
}

describe('the end of a server', () => {
  it('takes its floating IP along, by the id that the launch has told', async () => {
    const { cloud, launch, remove } = await subject();
    const { id, driverData } = await launch('plain');
    const other = cloud.plant.floatingIp();
    cloud.calls.length = 0;
    await remove(id, driverData);
    assert.deepEqual(
      cloud.network.floatingIps.all().map((one) => one.id),
      [other],
    );
    assert.equal(cloud.counts.servers, 0);
    assert.equal(countOf(cloud, 'GET floatingips') + countOf(cloud, 'GET ports'), 0);
    assert.ok(cloud.calls.indexOf('DELETE floatingips/*') < cloud.calls.indexOf(DELETE));
  });

  it('finds its floating IP where the launch has told nothing', async () => {
    const { cloud, launch, remove } = await subject();
    const { id } = await launch('plain');
    const serverPort = cloud.network.portsOf(cloud.plant.server())[0]?.id ?? '';
    const others = [cloud.plant.floatingIp(), cloud.plant.floatingIp({ port: serverPort })];
    await remove(id, null);
    assert.deepEqual(
      cloud.network.floatingIps.all().map((one) => one.id),
      others,
    );
  });

  it('looks for none where the launch has told that there is none', async () => {
    const { cloud, remove } = await subject();
    const id = cloud.plant.server();
    cloud.calls.length = 0;
    await remove(id, { floating_ip: null });
    assert.ok(!cloud.calls.some((call) => /floatingips|ports/.test(call)), cloud.calls.join());
    assert.equal(cloud.counts.servers, 0);
  });

  it('asks nova once, and waits until the server is gone', async () => {
    const { clock, cloud, provider } = await subject();
    const id = cloud.plant.server();
    cloud.hold('delete');
    let isOver = false;
    const target = { externalId: id, nodeId: '0000000001', driverData: { floating_ip: null } };
    const ending = provider.delete(target, never()).then(() => {
      isOver = true;
    });
    await clock.advance(60_000);
    assert.equal(isOver, false);
    cloud.release('delete');
    await settleByTurning(clock, ending);
    assert.equal(countOf(cloud, DELETE), 1);
  });

  it('of a server that is gone needs no listing', async () => {
    const { cloud, remove } = await subject();
    cloud.calls.length = 0;
    await remove('11111111-2222-4333-8444-555555555555', { floating_ip: null });
    assert.deepEqual(cloud.calls, [DELETE]);
  });

  it('deletes volumes that nova left behind, and those alone', async () => {
    const { cloud, launch, remove } = await subject();
    const { id, driverData } = await launch('volume');
    const server = cloud.compute.servers.get(id);
    assert.ok(server?.volumes[0]?.goesWithServer);
    const [{ id: volumeId }] = server.volumes;
    const others = [
      cloud.plant.volume(),
      cloud.plant.volume({ metadata: { nodepool_node_id: '1' } }),
    ];
    // Nova lets go of it without deleting it.
    server.volumes.length = 0;
    cloud.volumes.detach(volumeId);
    await remove(id, driverData);
    assert.deepEqual(
      cloud.volumes.volumes.all().map((one) => one.id),
      others,
    );
  });
});
