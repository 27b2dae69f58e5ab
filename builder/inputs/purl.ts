/**
 * Package URLs, by which others know what we have. Pure.
 *
 * Facts: github.com/package-url/purl-spec. (packageurl-js 2 leaves `+` in versions as it is, which the
 * specification does not; Debian's versions are full of it.)
 */
export interface PackageName {
  readonly type: 'deb' | 'rpm' | 'generic';
  /** Undefined: the type has none. */
  readonly vendor?: string;
  readonly name: string;
  readonly version: string;
  readonly architecture?: string | undefined;
}

export function purlOf({ type, vendor, name, version, architecture }: PackageName): string {
  const path = [type, ...(vendor === undefined ? [] : [encode(vendor)]), encode(name)].join('/');
  const query = architecture === undefined ? '' : `?arch=${encode(architecture)}`;
  return `pkg:${path}@${encode(version)}${query}`;
}

/** All but letters, digits, `.`, `-`, `_`, `~` and colons. */
function encode(text: string): string {
  const rest = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text)
    .replaceAll('%3A', ':')
    .replaceAll(/[!'()*]/g, rest);
}
