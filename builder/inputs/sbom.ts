/**
 * The bill of materials of an image, in the form of CycloneDX 1.6. Pure.
 *
 * Facts: cyclonedx.org/docs/1.6/json. (The test has its schema.)
 */
import type { BuildKey } from '../../shared/store/paths.ts';
import type { FileSums } from './checksums.ts';
import type { Content, Package, Repository } from './manifests.ts';
import { purlOf } from './purl.ts';

export interface SbomInput {
  readonly key: BuildKey;
  readonly content: Content;
  readonly files: readonly FileSums[];
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** Undefined: it is not known what went into the build. */
  readonly inputsDigest: string | undefined;
  /** All elements of the build, as far as they are known: they tell the distribution. */
  readonly elements: readonly string[];
  /** Of this program. */
  readonly version: string;
  /** Of diskimage-builder. */
  readonly builderVersion: string | undefined;
}

type Json = Readonly<Record<string, unknown>>;

export function sbomOf(input: SbomInput): Json {
  const { key, content, files, inputsDigest } = input;
  const vendor = vendorOf(content.packages, input.elements);
  const properties = [
    { name: 'nodepool:build', value: key.build },
    ...(inputsDigest === undefined ? [] : [{ name: 'nodepool:inputs', value: inputsDigest }]),
  ];
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    ...serialOf(key.build),
    version: 1,
    metadata: {
      timestamp: new Date(input.nowMs).toISOString(),
      tools: { components: toolsOf(input) },
      component: {
        ...{ type: 'operating-system', 'bom-ref': 'image', name: key.image, version: key.build },
        properties,
      },
    },
    components: unique([
      ...files.map(fileOf),
      ...content.packages.map((one) => packageOf(one, vendor)),
      ...content.repositories.map(repositoryOf),
    ]),
  };
}

/** A build's id is a UUID without its hyphens; a serial number may be left out. */
function serialOf(build: string): Json {
  const parts = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(build)?.slice(1);
  return parts === undefined ? {} : { serialNumber: `urn:uuid:${parts.join('-')}` };
}

function toolsOf({ version, builderVersion }: SbomInput): Json[] {
  const tool = (name: string, its: string | undefined): Json => ({
    ...{ type: 'application', name },
    ...(its !== undefined && { version: its }),
  });
  return [tool('nodepool-builder', version), tool('diskimage-builder', builderVersion)];
}

function fileOf({ name, bytes, sha256, md5 }: FileSums): Json {
  const hashes = [
    ...(md5 === undefined ? [] : [{ alg: 'MD5', content: md5 }]),
    { alg: 'SHA-256', content: sha256 },
  ];
  const properties = [{ name: 'nodepool:bytes', value: String(bytes) }];
  return { type: 'file', 'bom-ref': `file:${name}`, name, hashes, properties };
}

function packageOf({ kind, name, version, architecture }: Package, vendor: string): Json {
  const purl = purlOf({ type: kind, vendor, name, version, architecture });
  return { type: 'library', 'bom-ref': purl, name, version, purl };
}

function repositoryOf({ name, location, commit }: Repository): Json {
  const purl = purlOf({ type: 'generic', name, version: commit });
  const isUrl = URL.canParse(location);
  return {
    ...{ type: 'library', 'bom-ref': purl, name, version: commit, purl },
    ...(isUrl && { externalReferences: [{ type: 'vcs', url: location }] }),
  };
}

/** References name one component each. */
function unique(components: readonly Json[]): Json[] {
  return [...new Map(components.map((one) => [one['bom-ref'], one])).values()];
}

const VENDORS = ['ubuntu', 'debian', 'fedora', 'centos', 'rhel', 'rocky', 'opensuse', 'openeuler'];

/** No manifest tells the distribution; the elements do, and Ubuntu's versions. */
function vendorOf(packages: readonly Package[], elements: readonly string[]): string {
  const named = VENDORS.find((vendor) => elements.some((one) => one.startsWith(vendor)));
  if (named !== undefined) return named === 'rhel' ? 'redhat' : named;
  if (packages.some(({ version }) => version.includes('ubuntu'))) return 'ubuntu';
  return packages.some(({ kind }) => kind === 'rpm') ? 'redhat' : 'debian';
}
