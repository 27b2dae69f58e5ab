import assert from 'node:assert/strict';

import { ManualClock } from '../../../../fixtures/clock.ts';
import type { Context } from '../../../../launcher/context.ts';
import { Providers } from '../../../../launcher/providers/providers.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import type { Driver, DriverEnv } from '../../../../shared/drivers/driver.ts';
import type { Metrics } from '../../../../shared/telemetry/metrics.ts';
import type { Store } from '../../../../shared/store/store.ts';
import { good } from '../../config/load-text.ts';

const section = (name: string): string =>
  `{name: ${name}, driver: fake, cloud: fake, cloud-images: [{name: i}], pools: []}`;

describe('Providers', () => {
  it('start each in a turn of the event loop of its own', async () => {
    let turn = 0;
    const starts: number[] = [];
    const driver = {
      connect: () => {
        starts.push(turn);
        return Promise.reject(new Error('no cloud'));
      },
    } as unknown as Driver;
    const context: Context = {
      store: {} as unknown as Store,
      clock: new ManualClock(),
      random: () => 0.5,
      log: silentLogger,
      metrics: { increment: () => undefined } as unknown as Metrics,
      supervise: (_, work) => {
        work.catch(() => undefined);
      },
    };
    const ignore = (): void => undefined;
    const providers = new Providers({
      context,
      loadDriver: () => Promise.resolve(driver),
      driverEnv: () => ({}) as DriverEnv,
      ...{ onStarted: ignore, onAbsent: ignore, onStopped: ignore },
      ...{ onQuota: ignore, onLaunchEnded: ignore },
    });
    const names = ['a', 'b', 'c', 'd'];
    providers.apply(
      good(`zookeeper-servers: [{host: z}]\nproviders: [${names.map(section).join()}]`),
    );
    for (; starts.length < names.length && turn < 20; turn++)
      await new Promise((resolve) => setImmediate(resolve));
    assert.equal(new Set(starts).size, names.length, starts.join());
    await providers.close();
  });
});
