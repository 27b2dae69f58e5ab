/** A launch, a look at the addresses, a deletion, with each way to have networks. */
import assert from 'node:assert/strict';
import { startSshd, type RunningSshd } from '../../../fixtures/ssh/sshd.ts';
import { stopServices, type OpenStackServices } from './services.ts';
import { LABEL, play, servicesOrSkip, type Lent, type Scene } from './scene.ts';
import { IMAGE, PRIVATE } from './ground.ts';

const DIRECT_ADDRESS = /^127\.92\./;
const PRIVATE_ADDRESS = /^127\.90\./;
const FLOATING_ADDRESS = /^127\.81\./;
const IPV6_ADDRESS = /^fd00:90:/;

describe('networking of real servers', function () {
  this.timeout(600_000);
  let services: OpenStackServices;
  let sshd: RunningSshd | undefined;
  before(async function () {
    services = await servicesOrSkip(this);
    sshd = await startSshd({ address: '0.0.0.0' });
  });
  after(() => sshd?.stop());
  after(stopServices);

  /** Lends a node, lets the test look, gives it back, and nothing may be left. */
  async function round(scene: Scene, look: (lent: Lent) => unknown, label = LABEL): Promise<void> {
    const lent = await scene.lend(label);
    await look(lent);
    await scene.giveBack(lent);
    await scene.untilEmpty();
  }

  it('takes a network by name, and its address as a public one', () =>
    play(services, async (scene) => {
      await scene.start();
      await round(scene, ({ node, server }) => {
        assert.match(String(node.interface_ip), DIRECT_ADDRESS);
        assert.equal(node.public_ipv4, node.interface_ip);
        assert.equal(node.private_ipv4, node.interface_ip);
        assert.deepEqual(networksOf(server), [scene.ground.direct]);
      });
    }));

  it('takes a network by id', () =>
    play(services, async (scene) => {
      const networks = [await idOf(scene, scene.ground.direct)];
      await scene.configure({ labels: { [LABEL]: { networks } } });
      await scene.start();
      await round(scene, ({ node, server }) => {
        assert.match(String(node.interface_ip), DIRECT_ADDRESS);
        assert.deepEqual(networksOf(server), [scene.ground.direct]);
      });
    }));

  it('scans the host keys of what answers there', () =>
    play(services, async (scene) => {
      const images = [{ name: IMAGE, 'image-name': IMAGE, 'connection-port': sshd?.port }];
      await scene.configure({
        provider: { 'cloud-images': images },
        pool: { 'host-key-checking': true },
      });
      await scene.start();
      await round(scene, ({ node }) => {
        // The RSA key is there twice, as in the original.
        assert.deepEqual(new Set(node.host_keys as string[]), new Set(sshd?.hostKeys));
      });
    }));

  it('gives a floating IP to a server behind a router, and takes it back', () =>
    play(services, async (scene) => {
      await scene.configure({ pool: { networks: [PRIVATE], 'auto-floating-ip': true } });
      await scene.start();
      await round(scene, async ({ node, server }) => {
        assert.match(String(node.interface_ip), FLOATING_ADDRESS);
        assert.equal(node.public_ipv4, node.interface_ip);
        assert.match(String(node.private_ipv4), PRIVATE_ADDRESS);
        const { floatingIps, ports } = await scene.ground.tenant.resources();
        assert.deepEqual(
          floatingIps.map((one) => [one.floating_ip_address, one.status]),
          [[node.interface_ip, 'ACTIVE']],
        );
        const port = ports.find(({ device_id: device }) => device === server.id);
        assert.equal(floatingIps[0]?.port_id, port?.id);
      });
    }));

  it('gives none where auto-floating-ip is off, and takes the private address', () =>
    play(services, async (scene) => {
      await scene.ground.writeClouds({ private: true });
      await scene.configure({ pool: { networks: [PRIVATE], 'auto-floating-ip': false } });
      await scene.start();
      await round(scene, async ({ node }) => {
        assert.match(String(node.interface_ip), PRIVATE_ADDRESS);
        assert.deepEqual((await scene.ground.tenant.resources()).floatingIps, []);
      });
    }));

  it('takes two networks, with a floating IP on the one that is said to have it', () =>
    play(services, async (scene) => {
      const { tenant } = scene.ground;
      await tenant.makeNetwork('second', { cidr: '127.91.0.0/16' });
      await scene.ground.writeClouds({
        networks: [{ name: PRIVATE, nat_destination: true }, { name: 'second' }],
      });
      const networks = ['second', PRIVATE];
      await scene.configure({ pool: { networks, 'auto-floating-ip': true } });
      await scene.start();
      await round(scene, ({ node, server }) => {
        assert.match(String(node.interface_ip), FLOATING_ADDRESS);
        assert.match(String(node.private_ipv4), PRIVATE_ADDRESS);
        assert.deepEqual(networksOf(server), [PRIVATE, 'second']);
      });
    }));

  it('lets nova choose where no network is named and there is one only', () =>
    play(services, async (scene) => {
      // A shared network would be a second one to choose from.
      await scene.ground.dropDirect();
      await scene.ground.writeClouds({ networks: [] });
      await scene.configure({ pool: { networks: [], 'auto-floating-ip': true } });
      await scene.start();
      await round(scene, ({ node, server }) => {
        assert.match(String(node.interface_ip), FLOATING_ADDRESS);
        assert.deepEqual(networksOf(server), [PRIVATE]);
      });
    }));

  it('knows IPv6 addresses beside those of IPv4', () =>
    play(services, async (scene) => {
      const { tenant } = scene.ground;
      const network = await tenant.makeNetwork('dual', { cidr: '127.91.0.0/16' });
      await tenant.addSubnet(network, 'fd00:90::/64');
      await scene.ground.writeClouds({
        networks: [{ name: 'dual', routes_externally: true }],
        force_ipv4: false,
      });
      await scene.configure({ pool: { networks: ['dual'] } });
      await scene.start();
      await round(scene, ({ node, server }) => {
        assert.match(String(node.public_ipv6), IPV6_ADDRESS);
        assert.match(String(node.public_ipv4), /^127\.91\./);
        const versions = addressesOf(server).map(({ version }) => version);
        assert.deepEqual(versions.toSorted(), [4, 6]);
      });
    }));

  it('fails a request whose network does not exist, and names it with those that do', () =>
    play(services, async (scene) => {
      await scene.configure({ labels: { [LABEL]: { networks: ['nowhere'] } } });
      await scene.start();
      await scene.untilLogged(/nowhere/);
      assert.match(await scene.log(), new RegExp(PRIVATE));
    }));
});

interface Address {
  readonly addr: string;
  readonly version: number;
}

function addressesOf({ addresses }: Readonly<Record<string, unknown>>): Address[] {
  return Object.values(addresses as Record<string, Address[]>).flat();
}

function networksOf({ addresses }: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(addresses as object).toSorted();
}

async function idOf(scene: Scene, name: string): Promise<string> {
  const answer = await scene.ground.tenant.rest.get('network', `/networks?name=${name}`);
  const { networks } = answer as { networks: { readonly id: string }[] };
  return networks[0]?.id ?? '';
}
