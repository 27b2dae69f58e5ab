/**
 * What a build's log says of diskimage-builder itself: its version, and the elements that it uses. Pure.
 *
 * Facts: diskimage_builder/lib/disk-image-create, lib/common-functions (arg_to_elements).
 */
export interface BuildWords {
  /** Undefined: it did not say. */
  readonly version: string | undefined;
  /** Sorted. */
  readonly elements: readonly string[];
}

const VERSION = /(?:^|\| )diskimage-builder version (\S+)\s*$/;
const ELEMENTS = /(?:^|\| )Expanded element dependencies to: (.*)$/;

/** From its first lines. */
export function readWords(lines: readonly string[]): BuildWords {
  const find = (form: RegExp): string | undefined =>
    lines.map((line) => form.exec(line)?.[1]).find((one) => one !== undefined);
  const elements = find(ELEMENTS) ?? '';
  return {
    version: find(VERSION),
    // It prints them in no order.
    elements: elements
      .split(/\s+/)
      .filter((name) => name !== '')
      .toSorted(),
  };
}
