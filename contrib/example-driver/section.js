/** The options of a provider with `driver: park`, and what becomes of them. */

/** What `config-validate`, the launcher and the builder call, with the words for schemas. */
export function section(kit) {
  const { z, text, whole, demanded } = kit;
  const label = () =>
    z.strictObject({
      name: text('A top-level label.'),
      kind: text('Kind of machine.'),
      disk: text('Id of the disk to boot from.'),
    });
  const pool = () =>
    z.strictObject({
      ...kit.poolOptions,
      ...kit.accessDefaults(),
      labels: demanded(kit.labelList(label())),
    });
  return kit.defineDriver({
    name: 'park',
    about: 'Machines of the park.',
    managesImages: false,
    schema: () =>
      z.strictObject({
        ...kit.providerOptions,
        area: text('Area of the park.'),
        rate: whole('Calls per second. 0: no limit.').default(10),
        pools: kit.demandedPools(pool()),
      }),
    read: (provider, context) => ({
      ...kit.NO_IMAGES,
      ...kit.fixedTiming,
      launchRetries: 3,
      callsPerSecond: kit.callsPerSecond(provider.rate),
      pools: kit.poolReadings(provider.pools, context, (one, path) =>
        kit.poolReading(provider, one, {
          limits: kit.limitsOf({ instances: one['max-servers'] }),
          labels: kit.labelReadings(one.labels, [...path, 'labels'], context, (entry) =>
            kit.plainLabel(entry.name, {
              options: { kind: entry.kind, disk: entry.disk },
              hostKeyChecking: one['host-key-checking'],
            }),
          ),
          useInternalIp: one['use-internal-ip'],
          options: undefined,
        }),
      ),
      options: { area: provider.area },
    }),
  });
}
