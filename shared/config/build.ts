/**
 * Parsed files to a `Config`. Pure: whatever is wrong goes to the findings.
 */
import { fileSchema, secureFileSchema } from '../../schemas/config/file.ts';
import type { FileSections, SecureSections } from '../../schemas/config/file.ts';
import type { Config } from '../../schemas/config/model.ts';
import type { Quota } from '../../schemas/quota.ts';
import { checkSection } from './check.ts';
import { readDiskimages } from './diskimages.ts';
import type { DiskimageDraft } from './diskimages.ts';
import { readExtensions } from './extensions.ts';
import type { FileFindings, Findings } from './findings.ts';
import { isMapping } from './mapping.ts';
import type { OutsideSections } from './outside.ts';
import { readProviders } from './providers.ts';
import type { Environment } from './substitute.ts';
import type { ParsedYaml } from './yaml/parse.ts';
import { readZooKeeper } from './zookeeper.ts';

export interface SourceFile {
  readonly path: string;
  readonly parsed: ParsedYaml;
  /** Texts from the environment, not to be shown. */
  readonly secrets: readonly string[];
}

export interface BuildInput {
  readonly main: SourceFile;
  readonly secure: SourceFile | undefined;
  readonly environment: Environment;
  readonly builtDrivers: readonly string[] | undefined;
  readonly outside: OutsideSections;
  readonly findings: Findings;
}

/** The configuration, or undefined if a file cannot be read as one at all. */
export function buildConfig(input: BuildInput): Config | undefined {
  const { main, environment, findings, builtDrivers, outside } = input;
  const report = findings.forFile(main.path, main.parsed);
  const secureReport =
    input.secure === undefined ? report : findings.forFile(input.secure.path, input.secure.parsed);
  const sections = readMain(main, report);
  const secure = readSecure(input.secure, secureReport);
  if (sections === undefined) return undefined;
  const diskimages = readDiskimages(sections.diskimages, report);
  const labels = readLabels(sections, report);
  const providers = readProviders({
    sections: rawProviders(main.parsed.value),
    labels: new Set(labels.keys()),
    diskimages,
    environment,
    builtDrivers,
    outside,
    secrets: main.secrets,
    report,
    placeOf: (path) => `${main.path}:${main.parsed.place(path, 'value').line}`,
  });
  if (secure !== undefined) mergeSecrets(secure, diskimages, secureReport);
  const maxHoldAge = sections['max-hold-age'] ?? 0;
  return {
    webapp: { port: sections.webapp.port, listenAddress: sections.webapp.listen_address },
    zookeeper: readZooKeeper(
      { sections, report },
      secure === undefined ? undefined : { sections: secure, report: secureReport },
    ),
    labels,
    diskimages,
    providers,
    tenantLimits: readTenantLimits(sections),
    maxHoldAgeSeconds: maxHoldAge > 0 ? maxHoldAge : Infinity,
    elementsDir: sections['elements-dir'],
    imagesDir: sections['images-dir'],
    buildLogDir: sections['build-log-dir'],
    buildLogRetention: sections['build-log-retention'],
    extensions: readExtensions(sections.extensions, environment, (variable, message) => {
      const place = { line: 0, column: 0, path: variable };
      findings.add({ severity: 'error', file: 'environment', ...place, message });
    }),
  };
}

function readMain(file: SourceFile, report: FileFindings): FileSections | undefined {
  const { value } = file.parsed;
  if (value === null || value === undefined) {
    report('error', [], 'is empty');
    return undefined;
  }
  return checkSection(fileSchema, { value, base: [], report, secrets: file.secrets });
}

/** An empty secure file is no error. */
function readSecure(
  file: SourceFile | undefined,
  report: FileFindings,
): SecureSections | undefined {
  if (file?.parsed.value === null || file?.parsed.value === undefined) return undefined;
  const section = { value: file.parsed.value, base: [], report, secrets: file.secrets };
  return checkSection(secureFileSchema, section);
}

/** As they stand in the file, because their drivers' schemas decide. */
function rawProviders(value: unknown): readonly unknown[] {
  const providers = isMapping(value) ? value.providers : undefined;
  return Array.isArray(providers) ? providers : [];
}

function readLabels(sections: FileSections, report: FileFindings): Config['labels'] {
  const labels = new Map<
    string,
    Config['labels'] extends ReadonlyMap<string, infer L> ? L : never
  >();
  sections.labels.forEach((label, index) => {
    if (labels.has(label.name))
      report(
        'warning',
        ['labels', index, 'name'],
        `label ${label.name} stands in the list twice: the last one is taken`,
      );
    labels.set(label.name, {
      name: label.name,
      minReady: Math.max(0, label['min-ready']),
      maxReadyAgeSeconds: Math.max(0, label['max-ready-age']),
    });
  });
  return labels;
}

const tenantLimitNames: Readonly<Record<string, string>> = {
  'max-servers': 'instances',
  'max-cores': 'cores',
  'max-ram': 'ram',
  'max-volumes': 'volumes',
  'max-volume-gb': 'volume-gb',
};

function readTenantLimits(sections: FileSections): Map<string, Quota> {
  return new Map(
    sections['tenant-resource-limits'].map(({ 'tenant-name': tenant, ...limits }) => [
      tenant,
      Object.fromEntries(
        Object.entries(limits).flatMap(([name, value]) =>
          value === undefined ? [] : [[tenantLimitNames[name] ?? name, value]],
        ),
      ),
    ]),
  );
}

/** After inheritance, so that children do not get their parents' secrets. */
function mergeSecrets(
  secure: SecureSections,
  diskimages: ReadonlyMap<string, DiskimageDraft>,
  report: FileFindings,
): void {
  secure.diskimages.forEach(({ name, 'env-vars': envVars }, index) => {
    const image = diskimages.get(name);
    if (image === undefined)
      report(
        'error',
        ['diskimages', index, 'name'],
        `disk image ${name} is not in the main file, or is abstract`,
      );
    else Object.assign(image.envVars, envVars);
  });
}
