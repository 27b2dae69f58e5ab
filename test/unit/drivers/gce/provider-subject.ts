/** A provider of the cloud in memory under a hand-turned clock, and what is said meanwhile. */
import type { LogFields, Logger } from '../../../../shared/base/log.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import type { DriverEnv, Instance, Provider } from '../../../../shared/drivers/driver.ts';
import { launchSpec, type RecordedSpec } from '../../../support/launch-spec.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { gceSubject, type GceSubject } from './subject.ts';

export const never = (): AbortSignal => new AbortController().signal;

export interface OpenProvider extends GceSubject {
  readonly provider: Provider;
  /** What was logged, with what it was of. */
  readonly lines: { readonly message: string; readonly fields: LogFields | undefined }[];
  readonly specOf: (more?: Partial<RecordedSpec>, label?: string) => RecordedSpec;
  /** Turns the clock until the launch has ended. */
  readonly launch: (spec?: RecordedSpec) => Promise<Instance>;
  /** Turns the clock until it has settled. */
  readonly turn: <T>(work: Promise<T>) => Promise<T>;
  /** How often the cloud was called so since the start. */
  readonly count: (call: string) => number;
}

export async function openProvider(
  options: Parameters<typeof gceSubject>[0] = {},
  env: Partial<DriverEnv> = {},
  more: Parameters<typeof gceSubject>[2] = {},
): Promise<OpenProvider> {
  const subject = gceSubject(options, '', more);
  const { clock, cloud, config } = subject;
  const lines: OpenProvider['lines'] = [];
  const say = (message: string, fields?: LogFields): void => {
    lines.push({ message, fields });
  };
  const log: Logger = { ...silentLogger, warn: say, error: say };
  const turn = <T>(work: Promise<T>): Promise<T> => settleByTurning(clock, work);
  const provider = await turn(subject.connect({ log, ...env }));
  cloud.calls.length = 0;
  const specOf = (over: Partial<RecordedSpec> = {}, label = 'family'): RecordedSpec =>
    launchSpec(config, label, over);
  return {
    ...subject,
    ...{ provider, lines, specOf, turn },
    launch: async (spec = specOf()) => {
      const instance = await turn(Promise.resolve(provider.launch?.(spec, never())));
      if (instance === undefined) throw new Error('the driver launches nothing');
      return instance;
    },
    count: (call) => cloud.calls.filter((one) => one === call).length,
    close: () => {
      subject.close();
      void provider.close();
    },
  };
}
