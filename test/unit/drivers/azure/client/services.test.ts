import assert from 'node:assert/strict';

import { LOCATION, NETWORK_GROUP } from '../../../../../fixtures/azure-cloud/ground.ts';
import { settle } from '../../../../../fixtures/clock.ts';
import { hasCode } from '../../../../../shared/base/errors.ts';
import type { AzureServices } from '../../../../../shared/drivers/azure/client/services.ts';
import { Desk, never } from './opened.ts';

/** A small machine with one private address. */
const machine = (subnetId: string) => ({
  location: LOCATION,
  tags: { nodepool_node_id: '0000000001' },
  hardwareProfile: { vmSize: 'Standard_B1s' },
  osProfile: { computerName: 'np1', adminUsername: 'zuul', adminPassword: 'Passw0rd-of-1' },
  storageProfile: {
    imageReference: {
      publisher: 'Canonical',
      offer: 'ubuntu-24_04-lts',
      sku: 'server',
      version: 'latest',
    },
    osDisk: { createOption: 'FromImage', deleteOption: 'Delete' },
  },
  networkProfile: {
    networkApiVersion: '2020-11-01',
    networkInterfaceConfigurations: [
      {
        name: 'np1-nic',
        deleteOption: 'Delete',
        primary: true,
        ipConfigurations: [{ name: 'c', primary: true, subnet: { id: subnetId } }],
      },
    ],
  },
});

describe('azure: the services', () => {
  let desk: Desk;
  let services: AzureServices;
  beforeEach(async () => {
    desk = new Desk({ pageSize: 2, operationSeconds: 10, deleteSeconds: 5 });
    ({ services } = await desk.open());
    desk.cloud.calls.length = 0;
  });
  afterEach(() => {
    desk.close();
  });

  const count = (call: string): number => desk.cloud.calls.filter((one) => one === call).length;

  async function subnetId(): Promise<string> {
    const found = await desk.settle(
      services.network.subnet('nodepool', 'network', 'default', never()),
    );
    return found.id ?? '';
  }

  describe('listings', () => {
    it('are of all pages', async () => {
      for (let one = 0; one < 5; one++) {
        desk.cloud.plant.machine();
        desk.cloud.plant.nic();
        desk.cloud.plant.publicIp();
        desk.cloud.plant.disk();
        desk.cloud.plant.image();
      }
      const { machines, network, disks, images } = services;
      for (const [kind, list] of [
        ['virtualMachines', (signal: AbortSignal) => machines.list(signal)],
        ['networkInterfaces', (signal: AbortSignal) => network.interfaces(signal)],
        ['publicIPAddresses', (signal: AbortSignal) => network.publicIps(signal)],
        ['disks', (signal: AbortSignal) => disks.list(signal)],
        ['images', (signal: AbortSignal) => images.list(signal)],
      ] as const) {
        const found = await desk.settle<readonly { name?: string }[]>(list(never()));
        assert.equal(new Set(found.map(({ name }) => name)).size, 5, kind);
        assert.equal(count(`GET ${kind}`), 1, kind);
        assert.equal(count(`GET ${kind} page`), 2, kind);
      }
    });

    it('fail as a whole where a page cannot be had', async () => {
      for (let one = 0; one < 3; one++) desk.cloud.plant.machine();
      desk.cloud.arm({ call: 'GET virtualMachines page', mode: 'fail', status: 403, times: 9 });
      await assert.rejects(desk.settle(services.machines.list(never())), (error) =>
        hasCode(error, 'NP_CLOUD_FATAL'),
      );
    });

    it('ask for a page again that failed, and for no other', async () => {
      for (let one = 0; one < 3; one++) desk.cloud.plant.machine();
      desk.cloud.arm({ call: 'GET virtualMachines page', mode: 'reset' });
      assert.equal((await desk.settle(services.machines.list(never()))).length, 3);
      assert.equal(count('GET virtualMachines'), 1);
      assert.equal(count('GET virtualMachines page'), 2);
    });

    it('end with their signal, on whatever page', async () => {
      for (let one = 0; one < 3; one++) desk.cloud.plant.machine();
      for (const call of ['GET virtualMachines', 'GET virtualMachines page']) {
        desk.cloud.arm({ call, mode: 'hang' });
        const controller = new AbortController();
        const listing = services.machines.list(controller.signal);
        listing.catch(() => undefined);
        await desk.clock.advance(1000);
        controller.abort(new Error('enough'));
        await assert.rejects(listing, (error) => hasCode(error, 'NP_ABORTED'));
      }
    });

    it('are given up and made again where nobody answers', async () => {
      desk.cloud.arm({ call: 'GET virtualMachines', mode: 'hang' });
      assert.deepEqual(await desk.settle(services.machines.list(never())), []);
      assert.ok(desk.clock.monotonic() >= 30_000);
    });

    it('are of what the subscription may have, too', async () => {
      const usages = await desk.settle(services.limits.usages(LOCATION, never()));
      assert.ok(usages.some(({ name }) => name.value === 'cores'));
      const skus = await desk.settle(services.limits.skus(LOCATION, never()));
      assert.ok(skus.some(({ name }) => name === 'Standard_B1s'));
    });
  });

  describe('the budget', () => {
    it('is one for all calls, pages among them', async () => {
      const slow = new Desk({ pageSize: 2 }, 1);
      try {
        const opened = await slow.open();
        for (let one = 0; one < 5; one++) slow.cloud.plant.machine();
        const began = slow.clock.monotonic();
        await slow.settle(opened.services.machines.list(never()));
        await slow.settle(opened.services.network.interfaces(never()));
        const tookMs = slow.clock.monotonic() - began;
        assert.ok(tookMs >= 3000 && tookMs < 6000, `${tookMs} ms for 4 calls`);
      } finally {
        slow.close();
      }
    });

    it('rests for all as long as Azure asks', async () => {
      desk.cloud.arm({ call: 'GET virtualMachines', mode: 'throttle', retryAfterSeconds: 40 });
      const began = desk.clock.monotonic();
      const first = services.machines.list(never());
      await settle();
      const second = services.disks.list(never());
      await desk.settle(Promise.all([first, second]));
      assert.ok(desk.clock.monotonic() - began >= 40_000);
      assert.deepEqual(desk.cloud.calls[0], 'GET virtualMachines');
    });
  });

  describe('machines', () => {
    it('are begun, not waited for, and known by an id that their name has only once', async () => {
      const begun = await desk.settle(
        services.machines.create('np1', machine(await subnetId()), never()),
      );
      const there = await desk.settle(services.machines.get('np1', never()));
      assert.ok(begun?.vmId !== undefined && begun.vmId === there?.vmId);
      assert.equal(count('GET operations'), 0, 'nothing is asked for one machine');
    });

    it('are never made over what has the name already', async () => {
      desk.cloud.plant.machine({ name: 'np1', tags: { owner: 'somebody' } });
      const request = machine(await subnetId());
      assert.equal(await desk.settle(services.machines.create('np1', request, never())), undefined);
      const there = await desk.settle(services.machines.get('np1', never()));
      assert.deepEqual(there?.tags, { owner: 'somebody' });
    });

    it('whose answer was lost are found to be there', async () => {
      desk.cloud.arm({ call: 'PUT virtualMachines/*', mode: 'lose' });
      const request = machine(await subnetId());
      assert.equal(await desk.settle(services.machines.create('np1', request, never())), undefined);
      assert.equal(desk.cloud.counts.machines, 1);
    });

    it('that are to be made of what there is not are a matter of the configuration', async () => {
      const request = machine(await subnetId());
      const { storageProfile } = request;
      const id = '/subscriptions/s/resourceGroups/nodepool/providers/Microsoft.Compute/images/none';
      const wish = {
        ...request,
        storageProfile: { ...storageProfile, imageReference: { id } },
      };
      await assert.rejects(desk.settle(services.machines.create('np1', wish, never())), (error) =>
        hasCode(error, 'NP_CLOUD_FATAL'),
      );
    });

    it('are deleted, not waited for; false says that there was none', async () => {
      desk.cloud.plant.machine({ name: 'np1' });
      assert.equal(await desk.settle(services.machines.delete('np1', never())), true);
      assert.equal(count('GET operations'), 0);
      await desk.clock.advance(10_000);
      assert.equal(await desk.settle(services.machines.delete('np1', never())), false);
      assert.equal(await desk.settle(services.machines.get('np1', never())), undefined);
    });
  });

  describe('the network', () => {
    it('has subnets of other groups, too, or none', async () => {
      const { network } = services;
      const found = await desk.settle(network.subnet(NETWORK_GROUP, 'shared', 'nodes', never()));
      assert.match(found.id ?? '', /\/subnets\/nodes$/);
      await assert.rejects(desk.settle(network.subnet('nodepool', 'n', 'none', never())), (error) =>
        hasCode(error, 'NP_CLOUD_NOT_FOUND'),
      );
    });

    it('loses interfaces and addresses; false says that there was none', async () => {
      const { name: nic } = desk.cloud.plant.nic();
      const { name: ip } = desk.cloud.plant.publicIp();
      const { network } = services;
      assert.equal(await desk.settle(network.deleteInterface(nic, never())), true);
      assert.equal(await desk.settle(network.deletePublicIp(ip, never())), true);
      await desk.clock.advance(20_000);
      assert.equal(await desk.settle(network.deleteInterface(nic, never())), false);
      assert.equal(await desk.settle(network.deletePublicIp(ip, never())), false);
    });
  });
});
