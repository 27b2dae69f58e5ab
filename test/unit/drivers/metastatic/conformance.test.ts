import { ManualClock, settle } from '../../../../fixtures/clock.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import type { Provider } from '../../../../shared/drivers/driver.ts';
import { driver } from '../../../../shared/drivers/metastatic/driver.ts';
import { placingDriver } from '../../../support/driver-conformance.ts';
import { providerConfig } from '../../../support/provider-config.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { FakeBorrowing } from './fake-borrowing.ts';

const YAML = `
name: meta
driver: metastatic
pools:
- name: main
  labels:
  - {name: slot, backing-label: host, max-parallel-jobs: 2}
`;

placingDriver('metastatic', async () => {
  const clock = new ManualClock();
  const borrowing = new FakeBorrowing();
  const config = providerConfig(YAML);
  const connection = await driver.connect(
    config,
    {
      ...{ clock, log: silentLogger, random: () => 0.5, environment: {}, extension: undefined },
      ...{ pollSeconds: 1, imageCheckSeconds: 300, borrowing },
    },
    new AbortController().signal,
  );
  let isStalled = false;
  const come = async (): Promise<void> => {
    for (let orders = 0; orders < borrowing.orders.length; orders++) {
      await settle();
      if (!isStalled) borrowing.fulfil(borrowing.orders[orders], `backing-${orders}`);
    }
  };
  return {
    provider: placing(connection, borrowing, come),
    config,
    label: 'slot',
    settle: (promise) => settleByTurning(clock, promise),
    idle: settle,
    countMachines: () => Promise.resolve([...borrowing.launched()].length),
    stall: () => {
      isStalled = true;
    },
    close: () => connection.close(),
  };
});

/** As the launcher, writes down the place that a launch reports; other providers make nodes meanwhile. */
function placing(
  connection: Provider,
  borrowing: FakeBorrowing,
  come: () => Promise<void>,
): Provider {
  const launch: Required<Provider>['launch'] = async (spec, signal) => {
    const created: typeof spec.created = async (id, driverData, on) => {
      await spec.created(id, driverData, on);
      await borrowing.created(spec.nodeId, driverData, on);
    };
    const launching = connection.launch?.({ ...spec, created }, signal);
    void settle().then(come);
    if (launching === undefined) throw new Error('the provider cannot launch');
    return launching;
  };
  return new Proxy(connection, {
    get: (target, key) => {
      if (key === 'launch') return launch;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
