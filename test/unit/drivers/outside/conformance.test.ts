/** The contract of drivers, kept by one that is a package of its own (contrib/example-driver). */
import assert from 'node:assert/strict';

import * as park from '../../../../contrib/example-driver/index.js';
import { ManualClock } from '../../../../fixtures/clock.ts';
import { ExampleCloud, TOKEN } from '../../../../fixtures/example-cloud/cloud.ts';
import { fetchFrom } from '../../../../fixtures/example-cloud/routes.ts';
import { sectionKit } from '../../../../schemas/config/drivers/outside.ts';
import { hasCode } from '../../../../shared/base/errors.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import type { HttpDone, Provider } from '../../../../shared/drivers/driver.ts';
import { driverKit } from '../../../../shared/drivers/outside.ts';
import { cloudDriver, type Refusal } from '../../../support/cloud-conformance.ts';
import { launchSpec } from '../../../support/launch-spec.ts';
import { providerConfig } from '../../../support/provider-config.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { LONG_MS, steered } from '../steered.ts';

const SECTION = `
name: park-provider
driver: park
area: north
rate: 0
pools:
  - name: main
    labels:
      - {name: plain, kind: small, disk: image-1}
      - {name: odd, kind: tiny, disk: image-1}
`;

const REFUSALS: Readonly<Record<Refusal, { status: number; code: string }>> = {
  transient: { status: 502, code: 'bad-gateway' },
  capacity: { status: 503, code: 'no-capacity' },
  fatal: { status: 400, code: 'no-such-image' },
};

const scene = () => {
  const clock = new ManualClock();
  const cloud = new ExampleCloud({ clock, lagSeconds: 2, pageSize: 3 });
  const config = providerConfig(SECTION, park.section(sectionKit));
  const told: HttpDone[] = [];
  const env = {
    ...{ clock, log: silentLogger, random: () => 0.5, pollSeconds: 1, imageCheckSeconds: 300 },
    environment: { PARK_TOKEN: TOKEN },
    extension: { endpoint: 'http://park/' },
    onHttp: (request: HttpDone) => told.push(request),
  };
  const driver = park.driver(driverKit, fetchFrom(cloud) as typeof fetch);
  const connect = (overrides: object = {}): Promise<Provider> =>
    settleByTurning(
      clock,
      driver.connect(config, { ...env, ...overrides }, new AbortController().signal),
    );
  return { clock, cloud, config, told, connect };
};

cloudDriver('a driver from outside the tree (its cloud in memory)', async () => {
  const { clock, cloud, config, connect } = scene();
  const provider = await connect();
  const plant = async (tags: Readonly<Record<string, string>>): Promise<void> => {
    cloud.create({ name: `planted-${cloud.machines.size}`, type: 'small', tags });
    await clock.advance(LONG_MS);
  };
  return {
    ...steered(clock, cloud, provider),
    config,
    label: 'plain',
    listingCall: 'GET machines',
    countMachines: () => Promise.resolve(cloud.machines.size),
    countResources: () => Promise.resolve(cloud.machines.size),
    refuse: (reason) => {
      cloud.arm({ call: 'POST machines', mode: 'fail', times: 100, ...REFUSALS[reason] });
    },
    plantForeign: () => plant({}),
    leaveBehind: plant,
  };
});

describe('the driver of contrib/example-driver', () => {
  for (const [what, overrides, code] of [
    ['the token is wrong', { environment: {} }, 'NP_CLOUD_FATAL'],
    ['the park has no address', { extension: undefined }, 'NP_CONFIG_INVALID'],
    [
      'it does not know an option',
      { extension: { endpoint: 'http://x', a: 1 } },
      'NP_CONFIG_INVALID',
    ],
  ] as const)
    it(`does not start where ${what}`, async () => {
      await assert.rejects(scene().connect(overrides), (error) => hasCode(error, code));
    });

  it('takes a label offline whose kind of machine there is not', async () => {
    const { config, connect } = scene();
    const provider = await connect();
    const { label } = launchSpec(config, 'odd');
    await assert.rejects(
      provider.quotaForLabel(label, new AbortController().signal),
      (error: Error & { hint?: string }) =>
        hasCode(error, 'NP_CLOUD_FATAL') &&
        (error.hint ?? '').includes('correct kind of label odd'),
    );
  });

  it('tells of its HTTP requests', async () => {
    const { connect, told } = scene();
    await connect();
    assert.deepEqual(
      told.map(({ service, method, status }) => [service, method, status]),
      [['park', 'GET', 200]],
    );
  });
});
