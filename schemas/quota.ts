/**
 * Amounts of resources by name: `instances`, `cores`, `ram` (MiB), and whatever a driver adds
 * (`volumes`, `volume-gb`, AWS quota codes, ...). In a need or a use a missing name means 0, in a
 * limit it means no limit.
 */
export type Quota = Readonly<Record<string, number>>;
