/**
 * What diskimage-builder is called with: words and environment. Pure.
 *
 *   <dib-cmd> -x -t <formats> --checksum --no-tmpfs [<options of qcow2>] -o <output> <elements>
 *
 * Facts: nodepool/builder.py, BuildWorker._buildImage. Formats are sorted here, paths with blanks stay
 * one word.
 */
import type { DiskimageConfig } from '../../schemas/config/model.ts';
import { splitWords } from './split-words.ts';

export interface DibInput {
  readonly image: Pick<DiskimageConfig, 'name' | 'dibCmd' | 'elements' | 'release' | 'envVars'>;
  readonly formats: readonly string[];
  /** Path of what is made, without its extension. */
  readonly output: string;
  readonly elementsDir: string | undefined;
  /** Stands for `%p` in `dib-cmd`: where our own files are. */
  readonly packageDir: string;
}

export interface DibCommand {
  readonly words: readonly string[];
  /** Beside what the process has anyway. May hold secrets: never to be shown. */
  readonly environment: Readonly<Record<string, string>>;
}

/** @throws ConfigError NP_CONFIG_INVALID where `dib-cmd` or an element cannot be read. */
export function dibCommand(input: DibInput): DibCommand {
  const { image, formats, output, elementsDir, packageDir } = input;
  const command = commandWords(image.dibCmd, packageDir);
  const types = formats.toSorted().join(',');
  // Old versions of QEMU cannot read newer ones.
  const ofQcow2 = types.includes('qcow2') ? ['--qemu-img-options', 'compat=0.10'] : [];
  return {
    words: [
      ...command,
      ...['-x', '-t', types, '--checksum', '--no-tmpfs', ...ofQcow2],
      ...['-o', output],
      ...image.elements.flatMap(splitWords),
    ],
    environment: {
      DIB_RELEASE: image.release,
      DIB_IMAGE_NAME: image.name,
      DIB_IMAGE_FILENAME: output,
      ...(elementsDir !== undefined && { ELEMENTS_PATH: elementsDir }),
      ...image.envVars,
    },
  };
}

/** `dib-cmd` as words. Throws as `dibCommand`. */
export function commandWords(dibCmd: string, packageDir: string): string[] {
  return splitWords(dibCmd).map((word) => word.replaceAll('%p', () => packageDir));
}
