import assert from 'node:assert/strict';

import { ManualClock } from '../../../../fixtures/clock.ts';
import type { Context } from '../../../../launcher/context.ts';
import { Providers } from '../../../../launcher/providers/providers.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import type { Driver, DriverEnv, Provider } from '../../../../shared/drivers/driver.ts';
import { noMetrics } from '../../../../shared/telemetry/metrics.ts';
import type { Store } from '../../../../shared/store/store.ts';
import { eventually } from '../../../support/eventually.ts';
import { good } from '../../config/load-text.ts';

const section = (name: string): string =>
  `{name: ${name}, driver: fake, cloud: fake, cloud-images: [{name: i}], pools: []}`;
const config = (...names: readonly string[]) =>
  good(`zookeeper-servers: [{host: z}]\nproviders: [${names.map(section).join()}]`);

describe('Providers', () => {
  function make(connect: () => Promise<Provider>): Providers {
    const context: Context = {
      store: {} as unknown as Store,
      clock: new ManualClock(),
      random: () => 0.5,
      log: silentLogger,
      metrics: noMetrics,
      supervise: (_, work) => {
        work.catch(() => undefined);
      },
    };
    const ignore = (): void => undefined;
    return new Providers({
      context,
      loadDriver: () => Promise.resolve({ connect } as unknown as Driver),
      driverEnv: () => ({}) as DriverEnv,
      ...{ onStarted: ignore, onAbsent: ignore, onStopped: ignore },
      ...{ onQuota: ignore, onLaunchEnded: ignore },
    });
  }

  it('start each in a turn of the event loop of its own', async () => {
    let turn = 0;
    const starts: number[] = [];
    const providers = make(() => {
      starts.push(turn);
      return Promise.reject(new Error('no cloud'));
    });
    const names = ['a', 'b', 'c', 'd'];
    providers.apply(config(...names));
    for (; starts.length < names.length && turn < 20; turn++)
      await new Promise((resolve) => setImmediate(resolve));
    assert.equal(new Set(starts).size, names.length, starts.join());
    await providers.close();
  });

  it('connect anew when they are told to, and use the old connection until they have', async () => {
    let made = 0;
    const closed: number[] = [];
    let proceed: () => void = () => undefined;
    const providers = make(async () => {
      const number = ++made;
      if (number > 1)
        await new Promise<void>((resolve) => {
          proceed = resolve;
        });
      return {
        availabilityZones: () => Promise.resolve([]),
        quotaLimits: () => Promise.resolve({}),
        quotaForLabel: () => Promise.resolve({}),
        listInstances: () => Promise.resolve([]),
        delete: () => Promise.resolve(),
        isLabelReady: () => true,
        close: () => {
          closed.push(number);
          return Promise.resolve();
        },
      };
    });
    providers.apply(config('a'));
    await eventually(() => providers.running('a') !== undefined);
    const first = providers.running('a');
    providers.apply(config('a'));
    assert.equal(made, 1, 'what has not changed keeps its connection');
    providers.reconnect();
    await eventually(() => made === 2);
    assert.equal(providers.running('a'), first);
    assert.deepEqual(closed, []);
    proceed();
    await eventually(() => closed.length === 1);
    assert.notEqual(providers.running('a'), first);
    await providers.close();
    assert.deepEqual(closed, [1, 2]);
  });
});
