/**
 * What every driver must do, method by method: the tables of docs/driver-author.md as tests. A
 * driver's own test file calls these with its provider and a cloud that it can steer; `cloudDriver` of
 * cloud-conformance.ts asks for more.
 */
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';

import type { ProviderConfig } from '../../schemas/config/model.ts';
import { hasCode, hasLabel } from '../../shared/base/errors.ts';
import type { Instance, Inventory, LaunchSpec, Provider } from '../../shared/drivers/driver.ts';
import { labelOf } from './provider-config.ts';
import { launchSpec } from './launch-spec.ts';

/** What every driver that launches can be asked. */
export interface PlaceSubject {
  readonly provider: Provider;
  readonly config: ProviderConfig;
  /** A label that launches. */
  readonly label: string;
  /** The cloud chooses among kinds of machines: what one takes is known when it is there. */
  readonly isKindOpen?: boolean;
  /** What is launched is reached through its cluster, not at an address. */
  readonly hasNoAddress?: boolean;
  /** Waits for the promise while the cloud's time passes. */
  settle<T>(promise: Promise<T>): Promise<T>;
  /** Lets the cloud's time pass until nothing moves any more. */
  idle(): Promise<void>;
  /** Machines of the account, foreign ones with them; or places that are taken. */
  countMachines(): Promise<number>;
  /** From now on no machine becomes usable. */
  stall(): void;
  close(): Promise<void>;
}

export interface LaunchSubject extends PlaceSubject {
  /** From now on the account has no quota left. */
  exhaustQuota(): void;
  /** Makes a machine that is none of ours. */
  plantForeign(): Promise<void>;
}

const never = (): AbortSignal => new AbortController().signal;

const launchOf = (
  subject: PlaceSubject,
  spec: LaunchSpec = launchSpec(subject.config, subject.label),
): Promise<Instance> => {
  const { provider } = subject;
  if (!provider.launch) throw new Error('the provider cannot launch');
  return subject.settle(provider.launch(spec, never()));
};

/** What every launch promises, wherever it puts its node. */
function launchPromises(subject: () => PlaceSubject): void {
  const launch = (spec?: LaunchSpec): Promise<Instance> => launchOf(subject(), spec);

  it('reports the id of the machine and answers with the same and an address', async () => {
    const spec = launchSpec(subject().config, subject().label);
    const instance = await launch(spec);
    assert.deepEqual(spec.reported.at(-1), instance.externalId);
    const planned = subject().provider.plannedId?.(spec);
    if (planned !== undefined) assert.deepEqual(spec.reported, [planned]);
    if (subject().hasNoAddress) assert.equal(instance.interfaceIp, null);
    else assert.ok(instance.interfaceIp);
  });

  it('waits for the report before it resolves', async () => {
    let finish = (): void => undefined;
    const reporting = new Promise<void>((resolve) => (finish = resolve));
    let isDone = false;
    const spec = launchSpec(subject().config, subject().label, { created: () => reporting });
    const launching = subject()
      .provider.launch?.(spec, never())
      .then(() => (isDone = true));
    await subject().idle();
    assert.equal(isDone, false);
    finish();
    await subject().settle(Promise.resolve(launching));
    assert.equal(isDone, true);
  });

  it('fails where the report fails', async () => {
    const lost = new Error('the session is gone');
    const spec = launchSpec(subject().config, subject().label, {
      created: () => Promise.reject(lost),
    });
    await assert.rejects(launch(spec), lost);
  });

  it('says how much the machine takes, as much as quotaForLabel says', async () => {
    const { label } = labelOf(subject().config, subject().label);
    const need = await subject().settle(subject().provider.quotaForLabel(label, never()));
    const { resources } = await launch();
    assert.ok((need.instances ?? 0) >= 1);
    if (subject().isKindOpen) assert.deepEqual({ ...resources, ...need }, resources);
    else if (resources !== undefined) assert.deepEqual(resources, need);
  });

  it('makes nothing where the signal was aborted before', async () => {
    const spec = launchSpec(subject().config, subject().label);
    const launching = subject().provider.launch?.(spec, AbortSignal.abort(new Error('late')));
    await subject().settle(assert.rejects(Promise.resolve(launching)));
    assert.equal(await subject().countMachines(), 0);
  });
}

/** For drivers that launch. Each test gets a subject of its own. */
export function launchingDriver(name: string, open: () => Promise<LaunchSubject>): void {
  describe(`${name}, as every driver that launches,`, () => {
    let subject: LaunchSubject;
    beforeEach(async () => {
      subject = await open();
    });
    afterEach(() => subject.close());

    const launch = (spec?: LaunchSpec): Promise<Instance> => launchOf(subject, spec);

    describe('launch', () => {
      launchPromises(() => subject);

      it('makes one machine for a node id and attempt, however often it is called', async () => {
        const first = await launch();
        const again = await launch();
        assert.deepEqual(again.externalId, first.externalId);
        assert.equal(await subject.countMachines(), 1);
      });

      it('makes another machine for the next attempt', async () => {
        const first = await launch();
        const next = await launch(launchSpec(subject.config, subject.label, { attempt: 2 }));
        assert.notDeepEqual(next.externalId, first.externalId);
      });

      it('ends when it is aborted, and what was made is deleted by the reported id', async () => {
        subject.stall();
        const spec = launchSpec(subject.config, subject.label);
        const controller = new AbortController();
        const launching = subject.provider.launch?.(spec, controller.signal);
        const ended = assert.rejects(Promise.resolve(launching));
        await subject.idle();
        controller.abort(new Error('the request is gone'));
        await subject.settle(ended);
        const [externalId] = spec.reported;
        assert.ok(externalId !== undefined, 'an id was reported before the abort');
        const target = { externalId, nodeId: spec.nodeId, driverData: null };
        await subject.settle(subject.provider.delete(target, never()));
        assert.equal(await subject.countMachines(), 0);
      });

      it('fails with NP_CLOUD_QUOTA and the label quota where the account is full', async () => {
        subject.exhaustQuota();
        const before = await subject.countMachines();
        await assert.rejects(launch(), (error) => {
          assert.ok(hasCode(error, 'NP_CLOUD_QUOTA'));
          assert.ok(hasLabel(error, 'quota'));
          return true;
        });
        assert.equal(await subject.countMachines(), before);
      });
    });

    describe('delete', () => {
      it('resolves when the machine is gone, and again when it was gone before', async () => {
        const { externalId } = await launch();
        const target = { externalId, nodeId: '0000000001', driverData: null };
        await subject.settle(subject.provider.delete(target, never()));
        assert.equal(await subject.countMachines(), 0);
        await subject.settle(subject.provider.delete(target, never()));
      });

      it('takes a machine that never was for deleted', async () => {
        const target = { externalId: 'no-such-id', nodeId: '0000000009', driverData: null };
        await subject.settle(subject.provider.delete(target, never()));
      });
    });

    describe('listInstances', () => {
      it('shows our machines with their tags and what they take', async () => {
        const { externalId } = await launch();
        const all = await subject.settle(subject.provider.listInstances(never()));
        const listed = all.find((one) => isDeepStrictEqual(one.externalId, externalId));
        assert.ok(listed);
        assert.equal(listed.metadata.nodepool_node_id, '0000000001');
        assert.equal(listed.metadata.nodepool_provider_name, subject.config.name);
        assert.equal(listed.metadata.nodepool_pool_name, subject.config.pools[0]?.name);
        assert.equal(listed.resources.instances, 1);
      });

      it('shows foreign machines, since they use the quota, too', async () => {
        const list = () => subject.settle(subject.provider.listInstances(never()));
        // A cluster has some that are its own.
        const before = await list();
        await subject.plantForeign();
        const listed = await list();
        assert.equal(listed.length, before.length + 1);
        for (const { metadata } of listed) assert.equal(metadata.nodepool_node_id, undefined);
      });

      it('ends when it is aborted', async () => {
        const listing = subject.provider.listInstances(AbortSignal.abort(new Error('stop')));
        await subject.settle(assert.rejects(listing));
      });
    });

    describe('leaks', () => {
      it('lists a machine with its tags and deletes it', async () => {
        const { leaks } = subject.provider;
        assert.ok(leaks, 'the provider collects leaks');
        await launch();
        const resources = await subject.settle(leaks.list(never()));
        const leaked = resources.find((one) => one.metadata.nodepool_node_id === '0000000001');
        assert.ok(leaked);
        await subject.settle(leaks.delete(leaked, never()));
        await subject.settle(leaks.delete(leaked, never()));
        assert.equal(await subject.countMachines(), 0);
      });
    });

    it('gives limits that are no negative numbers', async () => {
      const limits = await subject.settle(subject.provider.quotaLimits(never()));
      for (const [resource, limit] of Object.entries(limits)) assert.ok(limit >= 0, resource);
    });
  });
}

/** For drivers that launch on nodes of other providers: what they make is a place on one of those. */
export function placingDriver(name: string, open: () => Promise<PlaceSubject>): void {
  describe(`${name}, as every driver that places nodes on others,`, () => {
    let subject: PlaceSubject;
    beforeEach(async () => {
      subject = await open();
    });
    afterEach(() => subject.close());

    describe('launch', () => {
      launchPromises(() => subject);

      it('takes one place for a node id, however often it is called', async () => {
        const first = await launchOf(subject);
        const again = await launchOf(subject);
        assert.deepEqual(again, first);
        assert.equal(await subject.countMachines(), 1);
      });

      it('ends when it is aborted, and has taken nothing', async () => {
        subject.stall();
        const spec = launchSpec(subject.config, subject.label);
        const controller = new AbortController();
        const launching = subject.provider.launch?.(spec, controller.signal);
        const ended = assert.rejects(Promise.resolve(launching));
        await subject.idle();
        controller.abort(new Error('the request is gone'));
        await subject.settle(ended);
        assert.equal(await subject.countMachines(), 0);
      });
    });

    it('has no machines, no limits and no leaks of its own', async () => {
      const { provider } = subject;
      await launchOf(subject);
      assert.deepEqual(await provider.listInstances(never()), []);
      assert.deepEqual(await provider.quotaLimits(never()), {});
      assert.equal(provider.leaks, undefined);
    });

    it('takes a node that never was for deleted', async () => {
      const target = { externalId: 'no-such-id', nodeId: '0000000009', driverData: null };
      await subject.settle(subject.provider.delete(target, never()));
    });
  });
}

export interface InventorySubject {
  readonly provider: Provider;
  readonly inventory: Inventory;
  /** Ends the hosts, so that nothing answers any more. */
  stopHosts(): Promise<void>;
  close(): Promise<void>;
}

/** For drivers that lend hosts. */
export function lendingDriver(name: string, open: () => Promise<InventorySubject>): void {
  describe(`${name}, as every driver that lends hosts,`, () => {
    let subject: InventorySubject;
    beforeEach(async () => {
      subject = await open();
    });
    afterEach(() => subject.close());

    const firstSlot = () => {
      const [slot] = subject.inventory.slots;
      assert.ok(slot);
      return slot;
    };

    it('cannot launch, lists nothing and has nothing to delete', async () => {
      assert.ok(!('launch' in subject.provider));
      assert.deepEqual(await subject.provider.listInstances(never()), []);
      const target = { externalId: 'host', nodeId: '0000000001', driverData: null };
      await subject.provider.delete(target, never());
      assert.deepEqual(await subject.provider.quotaLimits(never()), {});
    });

    it('names each slot once', () => {
      const names = subject.inventory.slots.map(({ name: host, username, connectionPort, slot }) =>
        JSON.stringify([host, username, connectionPort, slot]),
      );
      assert.equal(new Set(names).size, names.length);
    });

    it('finds a host that answers alive and well', async () => {
      const slot = firstSlot();
      assert.equal(await subject.inventory.isAlive(slot, never()), true);
      const check = await subject.inventory.check(slot, never());
      assert.equal(check.ok, true);
    });

    it('says why a host that does not answer is not well, and throws nothing', async () => {
      await subject.stopHosts();
      const slot = firstSlot();
      assert.equal(await subject.inventory.isAlive(slot, never()), false);
      const check = await subject.inventory.check(slot, never());
      assert.ok(!check.ok && check.reason.length > 0);
    });

    it('ends when it is aborted', async () => {
      await subject.stopHosts();
      const signal = AbortSignal.abort(new Error('stop'));
      await assert.rejects(subject.inventory.check(firstSlot(), signal));
      await assert.rejects(subject.inventory.isAlive(firstSlot(), signal));
    });
  });
}
