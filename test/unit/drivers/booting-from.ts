/** Labels with disk images boot from an upload, which is the launcher's to choose. */
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import type { Provider } from '../../../shared/drivers/driver.ts';

/** As the launcher, gives a launch of a label with a disk image the newest upload. */
export function bootingFrom(
  upload: string,
  provider: Provider,
  { pools }: ProviderConfig,
): Provider {
  const names = pools.flatMap(({ labels }) =>
    [...labels.values()].filter(({ diskimage }) => diskimage !== undefined).map(({ name }) => name),
  );
  return new Proxy(provider, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      if (key !== 'launch') return value.bind(target) as unknown;
      const launch: Required<Provider>['launch'] = (spec, signal) => {
        const imageExternalId = names.includes(spec.label.name) ? upload : undefined;
        return (value as Required<Provider>['launch']).call(
          target,
          { ...spec, imageExternalId },
          signal,
        );
      };
      return launch;
    },
  });
}
