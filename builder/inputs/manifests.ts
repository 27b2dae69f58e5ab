/**
 * What diskimage-builder's elements say of an image's content. Pure.
 *
 *   dib-manifest-dpkg-<image>: JSON, by its element `dpkg`
 *   dib-manifest-git-<image>: `NAME git PATH LOCATION COMMIT` a line, by `source-repositories`
 *   dib-manifest-rpm-<image>: what `rpm -qa` prints; of elements of operators, it has none of its own
 *
 * Other files there (`dib_environment`, `dib_arguments`) may hold secrets and are never read.
 *
 * Facts: diskimage_builder/elements/{dpkg,source-repositories,manifests}.
 */
import { z } from 'zod';

export type ManifestKind = 'dpkg' | 'git' | 'rpm';

export interface Package {
  readonly kind: 'deb' | 'rpm';
  readonly name: string;
  readonly version: string;
  readonly architecture: string | undefined;
}

export interface Repository {
  readonly name: string;
  /** Without what may be a password. */
  readonly location: string;
  readonly commit: string;
}

export interface Content {
  readonly packages: readonly Package[];
  readonly repositories: readonly Repository[];
}

const NAME = /^dib-manifest-(dpkg|git|rpm)-/;

/** Undefined: the file is none of a kind that we know. */
export function manifestKind(fileName: string): ManifestKind | undefined {
  return NAME.exec(fileName)?.[1] as ManifestKind | undefined;
}

/** @throws where it is not in the form that it should have. */
export function readManifest(kind: ManifestKind, text: string): Content {
  if (kind === 'dpkg') return { packages: readDpkg(text), repositories: [] };
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (kind === 'rpm') return { packages: lines.flatMap(readRpm), repositories: [] };
  return { packages: [], repositories: lines.flatMap(readRepository) };
}

const dpkgSchema = z.object({
  packages: z.array(
    z.object({
      package: z.string(),
      arch: z.string(),
      version: z.string(),
      status: z.string().default('ii'),
    }),
  ),
});

/** Of a package that was removed its settings may stay, and so its name (status `rc`). */
function readDpkg(text: string): Package[] {
  return dpkgSchema
    .parse(JSON.parse(text))
    .packages.filter(({ status }) => status[1] === 'i')
    .map((one) => ({
      kind: 'deb' as const,
      // It has its architecture with it where several may be installed.
      name: one.package.replace(/:.*/, ''),
      version: one.version,
      architecture: one.arch,
    }));
}

/** NAME-VERSION-RELEASE.ARCHITECTURE */
function readRpm(line: string): Package[] {
  const found = /^(.+)-([^-\s]+-[^-\s]+)\.([^.\s]+)$/.exec(line.trim());
  const [, name = '', version = '', architecture] = found ?? [];
  return found === null ? [] : [{ kind: 'rpm', name, version, architecture }];
}

function readRepository(line: string): Repository[] {
  const [name = '', type, , location = '', commit] = line.trim().split(/\s+/);
  if (type !== 'git' || commit === undefined) return [];
  return [{ name, location: withoutLogin(location), commit }];
}

/** A password may also be a parameter. */
function withoutLogin(location: string): string {
  return location.replace(/^(\w[\w+.-]*:\/\/)[^/]*@/, '$1').replace(/[?#].*$/, '');
}
