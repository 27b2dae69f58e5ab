/** A provider's configuration as a driver gets it, from a section as it stands in nodepool.yaml. */
import { driverSections } from '../../schemas/config/drivers/all.ts';
import type { AnyDriverSection } from '../../schemas/config/drivers/section.ts';
import type { PoolConfig, PoolLabel, ProviderConfig } from '../../schemas/config/model.ts';
import { parse } from 'yaml';

/**
 * Labels and disk images are taken to be defined at the top level; anything wrong throws.
 *
 * `outside`: the section of a driver that is none of ours.
 */
export function providerConfig(yaml: string, outside?: AnyDriverSection): ProviderConfig {
  const raw = parse(yaml) as { name: string; driver: string };
  const section = outside ?? driverSections.get(raw.driver);
  if (section === undefined) throw new Error(`no driver ${raw.driver}`);
  const complain = (path: readonly unknown[], message: string): never => {
    throw new Error(`${path.join('.')}: ${message}`);
  };
  const reading = section.read(section.schema.parse(raw), {
    driver: raw.driver,
    environment: {},
    labels: { has: () => true } as unknown as ReadonlySet<string>,
    diskimages: { has: () => true, get: () => undefined } as unknown as ReadonlyMap<string, never>,
    addFormat: () => undefined,
    placeOf: (path) => `section:${path.join('.')}`,
    error: complain,
    strict: complain,
    warn: () => undefined,
  });
  return {
    ...reading,
    name: raw.name,
    driver: raw.driver,
    maxConcurrency: Infinity,
    priority: undefined,
    managesImages: section.managesImages,
    imageNameFormat: '{image_name}-{timestamp}',
    postUploadHook: undefined,
    raw,
    place: 'section',
  };
}

/** The pool and label of that name; throws where there is none. */
export function labelOf(
  config: ProviderConfig,
  name: string,
): { pool: PoolConfig; label: PoolLabel } {
  for (const pool of config.pools) {
    const label = pool.labels.get(name);
    if (label !== undefined) return { pool, label };
  }
  throw new Error(`no label ${name}`);
}
