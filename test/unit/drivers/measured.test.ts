import assert from 'node:assert/strict';

import { ManualClock } from '../../../fixtures/clock.ts';
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import { CloudError, NodepoolError } from '../../../shared/base/errors.ts';
import type { Driver, DriverEnv, Provider } from '../../../shared/drivers/driver.ts';
import { connectMeasured } from '../../../shared/drivers/measured.ts';
import type { Labels, Timer } from '../../../shared/telemetry/metric.ts';
import { noMetrics } from '../../../shared/telemetry/metrics.ts';

const config = { name: 'cloud.example' } as unknown as ProviderConfig;
const { signal } = new AbortController();

/** Everything that a driver may have, each answering its own name after a second. */
function fullProvider(call: (name: string) => Promise<never>): Provider {
  return {
    launch: () => call('launch'),
    delete: () => call('delete'),
    listInstances: () => call('listInstances'),
    plannedId: () => 'planned',
    quotaLimits: () => call('quotaLimits'),
    quotaForLabel: () => call('quotaForLabel'),
    availabilityZones: () => call('availabilityZones'),
    isLabelReady: () => true,
    inventory: { slots: [], check: () => call('check'), isAlive: () => call('isAlive') },
    leaks: { list: () => call('leaks.list'), delete: () => call('leaks.delete') },
    images: {
      format: 'qcow2',
      upload: () => call('images.upload'),
      delete: () => call('images.delete'),
      list: () => call('images.list'),
    },
    scanFailed: () => call('scanFailed'),
    consoleLog: () => call('consoleLog'),
    close: () => Promise.resolve(),
  } satisfies Required<Provider>;
}

describe('a measured connection to a cloud', () => {
  const clock = new ManualClock();
  let told: string[];
  const metrics = {
    ...noMetrics,
    timing: <L extends string>({ name }: Timer<L>, labels: Labels<NoInfer<L>>, ms: number) => {
      told.push([name, ...Object.values<string>(labels), ms].join(' '));
    },
  };
  const connect = (provider: Provider, name = 'x'): Promise<Provider> => {
    told = [];
    const driver: Driver = {
      name,
      connect: (_, { onHttp }) => {
        onHttp?.({ service: 'compute', method: 'GET', status: 200, durationMs: 5 });
        onHttp?.({ service: 'identity', method: 'POST', status: undefined, durationMs: 6 });
        return Promise.resolve(provider);
      },
    };
    return connectMeasured(driver, { config, env: {} as DriverEnv }, { metrics, clock }, signal);
  };

  it('tells of the connection, and of single requests where the driver can', async () => {
    await connect(fullProvider(() => Promise.reject(new Error('unused'))));
    assert.deepEqual(told, [
      'nodepool_cloud_http_seconds cloud.example compute GET 200 5',
      'nodepool_cloud_http_seconds cloud.example identity POST none 6',
      'nodepool_cloud_call_seconds cloud.example connect ok 0',
    ]);
  });

  it('has all that the driver has, with the same answers, each timed under a name of its own', async () => {
    const provider = fullProvider((name) => {
      const answer = new Promise<string>((resolve) =>
        clock.after(1000, () => {
          resolve(name);
        }),
      );
      return answer as Promise<never>;
    });
    const connection = await connect(provider);
    assert.deepEqual(Object.keys(connection).sort(), Object.keys(provider).sort());
    told = [];
    const groups = [connection, connection.images, connection.leaks, connection.inventory];
    const untimed = ['isLabelReady', 'plannedId', 'close'];
    let count = 0;
    for (const group of groups) {
      for (const [key, call] of Object.entries(group ?? {}) as [string, unknown][]) {
        if (typeof call !== 'function' || untimed.includes(key)) continue;
        const answer = (call as () => Promise<string>)();
        await clock.advance(1000);
        assert.ok((await answer).endsWith(key));
        count++;
      }
    }
    assert.equal(count, 15);
    assert.equal(new Set(told).size, 15, told.join('\n'));
    assert.ok(
      told.every((line) => line.endsWith(' ok 1000')),
      told.join('\n'),
    );
    assert.equal(connection.images?.format, 'qcow2');
    assert.equal(connection.isLabelReady({} as never), true);
  });

  it('lacks what the driver lacks', async () => {
    const optional = ['launch', 'inventory', 'leaks', 'images', 'scanFailed', 'consoleLog'];
    const full = fullProvider(() => Promise.reject(new Error('unused')));
    const needed = Object.entries(full).filter(([key]) => !optional.includes(key));
    const connection = await connect(Object.fromEntries(needed) as unknown as Provider);
    assert.deepEqual(Object.keys(connection).sort(), needed.map(([key]) => key).sort());
  });

  it('says why a call failed, in few words, and passes the error on', async () => {
    const failures: [Error, string][] = [
      [new CloudError('NP_CLOUD_QUOTA', 'x'), 'quota'],
      [new CloudError('NP_CLOUD_CAPACITY', 'x'), 'capacity'],
      [new CloudError('NP_CLOUD_TRANSIENT', 'x'), 'transient'],
      [new CloudError('NP_CLOUD_FATAL', 'x'), 'fatal'],
      [new CloudError('NP_CLOUD_NOT_FOUND', 'x'), 'not-found'],
      [new NodepoolError('NP_ABORTED', 'x'), 'aborted'],
      [new Error('http://secret'), 'error'],
    ];
    for (const [error, result] of failures) {
      const connection = await connect(fullProvider(() => Promise.reject(error)));
      told = [];
      await assert.rejects(connection.quotaLimits(signal), error);
      assert.deepEqual(told, [
        `nodepool_cloud_call_seconds cloud.example quota-limits ${result} 0`,
      ]);
    }
  });
});
