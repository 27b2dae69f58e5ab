import assert from 'node:assert/strict';

import { hasCode } from '../../../../shared/base/errors.ts';
import { SharedListing } from '../../../../shared/cloud/shared-listing.ts';
import { checkPlace } from '../../../../shared/drivers/gce/facts.ts';
import type { InstanceList } from '../../../../shared/drivers/gce/instance-list.ts';
import { Quotas } from '../../../../shared/drivers/gce/quotas.ts';
import { labelOf } from '../../../support/provider-config.ts';
import { never, openProvider, type OpenProvider } from './provider-subject.ts';
import { instance, machineType } from './shown.ts';

describe('gce: quotas', () => {
  let open: OpenProvider;
  afterEach(() => {
    open.close();
  });

  it("are the region's, of the families that labels use", async () => {
    open = await openProvider();
    open.cloud.limits = { instances: 20, cores: 72, families: { N2_CPUS: 24 }, addresses: 8 };
    open.cloud.plant.instance();
    assert.deepEqual(await open.turn(open.provider.quotaLimits(never())), {
      instances: 20,
      CPUS: 72,
      N2_CPUS: 24,
      IN_USE_ADDRESSES: 8,
    });
  });

  it('are without what is used in other zones, not without what has just gone from ours', async () => {
    open = await openProvider();
    const { clock, config, turn } = open;
    const list = new Map([['np1', instance()]]);
    let usage = 3;
    const quotas = new Quotas({
      ...{ clock, config },
      regions: {
        get: () =>
          Promise.resolve({
            ...{ name: 'r', zones: [] },
            quotas: [{ metric: 'CPUS', limit: 10, usage }],
          }),
      },
      types: {
        get: (name) => Promise.resolve(machineType(name)),
        wanted: (name) => Promise.resolve(machineType(name)),
      },
      listing: new SharedListing<InstanceList>({
        clock,
        pollSeconds: 1,
        list: () => Promise.resolve(list),
      }),
    });
    assert.deepEqual(await turn(quotas.limits(never())), { CPUS: 9 });
    list.clear();
    usage = 2;
    assert.deepEqual(await turn(quotas.limits(never())), { CPUS: 10 });
    await clock.advance(70_000);
    assert.deepEqual(await turn(quotas.limits(never())), { CPUS: 8 });
  });

  it('of labels are those of their types', async () => {
    open = await openProvider();
    const need = (label: string) =>
      open.turn(open.provider.quotaForLabel(labelOf(open.config, label).label, never()));
    assert.deepEqual(await need('golden'), {
      instances: 1,
      cores: 2,
      ram: 8192,
      N2_CPUS: 2,
      IN_USE_ADDRESSES: 1,
    });
    open.cloud.compute.types = [];
    await assert.rejects(need('family'), (error) => hasCode(error, 'NP_CLOUD_FATAL'));
  });

  it('are used by all instances of the zone, on however many pages', async () => {
    open = await openProvider({ pageSize: 3 });
    for (let count = 0; count < 7; count++)
      open.cloud.plant.instance({ metadata: { owner: String(count) } });
    open.cloud.plant.instance({ typeName: 'n2-standard-2', status: 'TERMINATED' });
    const listed = await open.turn(open.provider.listInstances(never()));
    assert.equal(listed.length, 8);
    assert.equal(open.count('GET instances page'), 2);
    assert.deepEqual(listed[0], {
      externalId: 'planted-1',
      metadata: { owner: '0' },
      resources: { instances: 1, cores: 1, ram: 3840, CPUS: 1, IN_USE_ADDRESSES: 1 },
    });
    assert.deepEqual(listed.at(-1)?.resources, { instances: 1 });
    assert.equal(open.count('GET machineTypes/*'), 2);
  });

  it('are not guessed where a page is not to be had', async () => {
    open = await openProvider({ pageSize: 3 });
    for (let count = 0; count < 7; count++) open.cloud.plant.instance();
    open.cloud.arm({ call: 'GET instances page', mode: 'fail', times: 10 });
    await assert.rejects(open.turn(open.provider.listInstances(never())));
  });
});

describe('gce: the place', () => {
  let open: OpenProvider | undefined;
  afterEach(() => {
    open?.close();
  });

  it('must be known to Google', async () => {
    open = await openProvider();
    const { config } = open;
    const place = { project: 'p', region: 'r', zone: 'r-b' };
    const check = (zones: readonly string[]) =>
      checkPlace(
        config,
        place,
        { get: () => Promise.resolve({ name: 'r', zones: [...zones], quotas: [] }) },
        never(),
      );
    await check(['https://host/zones/r-a', 'https://host/zones/r-b']);
    await check([]);
    await assert.rejects(check(['https://host/zones/r-a']), (error: Error) => {
      assert.ok(hasCode(error, 'NP_CLOUD_FATAL'));
      return error.message.includes('zone r-b is not in region r, which has: r-a');
    });
  });
});
