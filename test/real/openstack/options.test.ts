/** What labels and pools say of servers, looked up in nova after the launch. */
import assert from 'node:assert/strict';
import { LABEL, play, PROVIDER, servicesOrSkip, type Scene } from './scene.ts';
import { BROKEN_ZONE, GOOD_ZONE, stopServices, type OpenStackServices } from './services.ts';
import { IMAGE } from './ground.ts';

describe('options of real servers', function () {
  this.timeout(600_000);
  let services: OpenStackServices;
  before(async function () {
    services = await servicesOrSkip(this);
  });
  after(stopServices);

  it('sends what the label and the pool say', () =>
    play(services, async (scene) => {
      const { rest } = scene.ground.tenant;
      await rest.call('compute', 'POST', '/os-keypairs', { keypair: { name: 'test-key' } });
      await rest.call('network', 'POST', '/security-groups', {
        security_group: { name: 'test-group' },
      });
      await scene.configure({
        provider: {
          'cloud-images': [{ name: IMAGE, 'image-name': IMAGE, 'config-drive': true }],
        },
        pool: { 'security-groups': ['test-group'] },
        labels: {
          [LABEL]: {
            'key-name': 'test-key',
            userdata: '#cloud-config\n',
            'instance-properties': { color: 'green' },
            'dynamic-instance-properties': { tenant: '{request.tenant_name}' },
          },
        },
      });
      await scene.start();
      const lent = await scene.lend();
      const { server, node, nodeId } = lent;
      assert.deepEqual(server.metadata, {
        groups: `${PROVIDER},${IMAGE},${LABEL}`,
        color: 'green',
        tenant: 'tenant-one',
        nodepool_node_id: nodeId,
        nodepool_pool_name: 'main',
        nodepool_provider_name: PROVIDER,
      });
      assert.equal(server.key_name, 'test-key');
      assert.equal(server.config_drive, 'True');
      assert.deepEqual(server.security_groups, [{ name: 'test-group' }]);
      assert.equal(server['OS-EXT-AZ:availability_zone'], GOOD_ZONE);
      assert.equal(node.az, GOOD_ZONE);
      assert.equal(node.host_id, server.hostId);
      assert.equal(await userdataOf(services, server.id), '#cloud-config\n');
      assert.deepEqual(node.resources, {
        ...{ instances: 1, cores: 1, ram: 2048 },
        ...{ ports: 1 },
      });
      await scene.giveBack(lent);
      await scene.untilEmpty();
    }));

  it('chooses the smallest flavor with enough memory', () =>
    play(services, async (scene) => {
      await scene.configure({ labels: { [LABEL]: { 'flavor-name': undefined, 'min-ram': 3000 } } });
      await scene.start();
      const lent = await scene.lend();
      assert.equal(await flavorOf(scene, lent.server.flavor), 'medium');
      await scene.giveBack(lent);
      await scene.untilEmpty();
    }));

  it('boots from a volume that goes with its server', () =>
    play(services, async (scene) => {
      await scene.configure({
        labels: { [LABEL]: { 'boot-from-volume': true, 'volume-size': 3 } },
      });
      await scene.start();
      const lent = await scene.lend();
      const { volumes } = await scene.ground.tenant.resources();
      assert.deepEqual(
        volumes.map(({ size, status }) => [size, status]),
        [[3, 'in-use']],
      );
      const resources = lent.node.resources as Record<string, number>;
      assert.deepEqual([resources.volumes, resources['volume-gb']], [1, 3]);
      await scene.giveBack(lent);
      await scene.untilEmpty();
    }));

  it('fails a request in a zone where no server comes up, with the reason in the log', () =>
    play(services, async (scene) => {
      await scene.configure({ pool: { 'availability-zones': [BROKEN_ZONE] } });
      await scene.start();
      const request = await scene.zuul.submit([LABEL]);
      await scene.untilFailed(request);
      assert.match(await scene.log(), /aborted|No valid host|exhausted/i);
      await scene.zuul.cancel(request);
      await scene.untilEmpty();
    }));
});

async function userdataOf({ admin }: OpenStackServices, id: string): Promise<string> {
  // Shown to an administrator, since 2.3.
  const { server } = (await admin.call('compute', 'GET', `/servers/${id}`, undefined, '2.3')) as {
    server: Readonly<Record<string, string | undefined>>;
  };
  return Buffer.from(server['OS-EXT-SRV-ATTR:user_data'] ?? '', 'base64').toString();
}

/** By name, whichever way nova shows it. */
async function flavorOf(scene: Scene, flavor: unknown): Promise<string> {
  const { id } = flavor as { id: string };
  const answer = await scene.ground.tenant.rest.get('compute', `/flavors/${id}`);
  return (answer as { flavor: { name: string } }).flavor.name;
}
