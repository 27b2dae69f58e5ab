/**
 * Connects a driver so that its calls are timed, for metrics: no driver counts its own. What a driver
 * cannot do stays absent, and its answers are its own.
 */
import type { ProviderConfig } from '../../schemas/config/model.ts';
import type { Clock } from '../base/clock.ts';
import type { ErrorCode } from '../base/error-codes.ts';
import { hasCode } from '../base/errors.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { cloudCalls, cloudHttp } from '../telemetry/names/process.ts';
import type { Driver, DriverEnv, Provider } from './driver.ts';

export interface Measures {
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** As the driver's own `connect`. */
export async function connectMeasured(
  driver: Driver,
  { config, env }: { readonly config: ProviderConfig; readonly env: DriverEnv },
  { metrics, clock }: Measures,
  signal: AbortSignal,
): Promise<Provider> {
  const provider = config.name;
  const time: Timer =
    (operation, call) =>
    async (...args) => {
      const began = clock.monotonic();
      const record = (result: string): void => {
        const ms = clock.monotonic() - began;
        metrics.timing(cloudCalls, { provider, operation, result }, ms);
      };
      try {
        const answer = await call(...args);
        record('ok');
        return answer;
      } catch (error) {
        record(resultOf(error));
        throw error;
      }
    };
  const onHttp: DriverEnv['onHttp'] = ({ service, method, status, durationMs }) => {
    const labels = { provider, service, method, status: String(status ?? 'none') };
    metrics.timing(cloudHttp, labels, durationMs);
  };
  const connect = time('connect', () => driver.connect(config, { ...env, onHttp }, signal));
  return measured(await connect(), time);
}

/** The same call, timed. */
type Timer = <A extends readonly unknown[], T>(
  operation: string,
  call: (...args: A) => Promise<T>,
) => (...args: A) => Promise<T>;

function measured(provider: Provider, time: Timer): Provider {
  const { inventory, leaks, images } = provider;
  const launch = provider.launch?.bind(provider);
  const plannedId = provider.plannedId?.bind(provider);
  const scanFailed = provider.scanFailed?.bind(provider);
  const consoleLog = provider.consoleLog?.bind(provider);
  return {
    ...(launch && { launch: time('launch', launch) }),
    ...(plannedId && { plannedId }),
    delete: time('delete', provider.delete.bind(provider)),
    listInstances: time('list-instances', provider.listInstances.bind(provider)),
    quotaLimits: time('quota-limits', provider.quotaLimits.bind(provider)),
    quotaForLabel: time('quota-for-label', provider.quotaForLabel.bind(provider)),
    availabilityZones: time('availability-zones', provider.availabilityZones.bind(provider)),
    isLabelReady: provider.isLabelReady.bind(provider),
    ...(inventory && {
      inventory: {
        slots: inventory.slots,
        check: time('check-host', inventory.check.bind(inventory)),
        isAlive: time('is-host-alive', inventory.isAlive.bind(inventory)),
      },
    }),
    ...(leaks && {
      leaks: {
        list: time('list-leaks', leaks.list.bind(leaks)),
        delete: time('delete-leak', leaks.delete.bind(leaks)),
      },
    }),
    ...(images && {
      images: {
        format: images.format,
        upload: time('upload-image', images.upload.bind(images)),
        delete: time('delete-image', images.delete.bind(images)),
        list: time('list-images', images.list.bind(images)),
      },
    }),
    ...(scanFailed && { scanFailed: time('scan-failed', scanFailed) }),
    ...(consoleLog && { consoleLog: time('console-log', consoleLog) }),
    close: provider.close.bind(provider),
  };
}

/** First those that the launcher asks for first. */
const RESULTS: readonly (readonly [ErrorCode, string])[] = [
  ['NP_ABORTED', 'aborted'],
  ['NP_CLOUD_QUOTA', 'quota'],
  ['NP_CLOUD_CAPACITY', 'capacity'],
  ['NP_CLOUD_NOT_FOUND', 'not-found'],
  ['NP_CLOUD_FATAL', 'fatal'],
  ['NP_CLOUD_TRANSIENT', 'transient'],
];

function resultOf(error: unknown): string {
  return RESULTS.find(([code]) => hasCode(error, code))?.[1] ?? 'error';
}
