/**
 * Names of the files of builds in `images-dir`, and which of them go. Pure.
 *
 *   <image>-<build>.<format>, with .md5 and .sha256 beside it, and .bak while a VHD is made;
 *   <image>-<build>.d: manifests;
 *   <image>-<build>.work: where a container works (dib/container-runner.ts)
 *
 * Names: nodepool/builder.py, DibImageFile. Unlike there, only names with a build's id are taken for
 * files of builds (a UUID in hexadecimal, or a number of ten digits of old), so that `backup-2024.raw`
 * is nobody's to delete.
 */
import type { BuildKey } from '../../shared/store/paths.ts';
import { formatsOf, type BuildView } from '../../shared/rules/images/view.ts';

export interface LocalBuild extends BuildKey {
  /** Formats of which there is a file. */
  readonly formats: readonly string[];
  /** All names that belong to it, sorted. */
  readonly names: readonly string[];
}

const NAME = /^(.+)-([0-9a-f]{32}|\d{10})\.([^.]+)(\.md5|\.sha256|\.bak)?$/;

/** Extensions that are no formats. */
const FOLDERS: readonly string[] = ['d', 'work'];

/** Of all names in the folder, those of builds; other names are left out. */
export function localBuilds(names: readonly string[]): LocalBuild[] {
  const found = new Map<string, { key: BuildKey; formats: string[]; names: string[] }>();
  for (const name of names.toSorted()) {
    const [, image = '', build = '', extension = '', beside] = NAME.exec(name) ?? [];
    if (build === '') continue;
    const id = `${image}-${build}`;
    const entry = found.get(id) ?? { key: { image, build }, formats: [], names: [] };
    found.set(id, entry);
    entry.names.push(name);
    if (beside === undefined && !FOLDERS.includes(extension)) entry.formats.push(extension);
  }
  return [...found.values()].map(({ key, ...rest }) => ({ ...key, ...rest }));
}

export interface FileInput {
  readonly local: LocalBuild;
  /** Undefined: ZooKeeper has no such build. */
  readonly build: BuildView | undefined;
  /** `delete-after-upload` of the image; undefined: it is not in the configuration. */
  readonly pruning: { readonly keepFormats: readonly string[] } | undefined;
  /** Providers that list the image, with the format that each wants. */
  readonly wishes: readonly { readonly provider: string; readonly format: string }[];
}

/** Names of the files that are not needed any more. */
export function filesToDelete({ local, build, pruning, wishes }: FileInput): readonly string[] {
  if (build === undefined || build.record.state === 'deleting') return local.names;
  if (build.record.state !== 'ready' || pruning === undefined) return [];
  const waiting = wishes.filter(
    ({ provider }) =>
      !build.uploads.some((one) => one.provider === provider && one.record.state === 'ready'),
  );
  const wanted = new Set([...pruning.keepFormats, ...waiting.map(({ format }) => format)]);
  const built = new Set(formatsOf(build.record));
  const gone = local.formats.filter((format) => built.has(format) && !wanted.has(format));
  return local.names.filter((name) =>
    gone.some((format) => {
      const base = `${local.image}-${local.build}.${format}`;
      return [base, `${base}.md5`, `${base}.sha256`].includes(name);
    }),
  );
}
