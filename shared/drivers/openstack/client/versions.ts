/**
 * Versions of services: in addresses, and in the documents that services answer at their roots.
 *
 *   {"versions": [...]}              most
 *   {"versions": {"values": [...]}}  keystone
 *   {"version": {...}}               at a version's own address
 */
import { z } from 'zod';

/** A version that a service offers. */
export interface OfferedVersion {
  /** `v2.1`. */
  readonly id: string;
  readonly major: number;
  readonly minor: number;
  /** Its own address, as the service sees itself: behind a proxy it may lead nowhere. */
  readonly href: string | undefined;
  readonly microversions: MicroversionRange | undefined;
}

export interface MicroversionRange {
  readonly min: string;
  readonly max: string;
}

/** An address of the catalog, taken apart. */
export interface EndpointParts {
  /** Without version and project, without a slash at the end. */
  readonly base: string;
  /** `v2.1`; undefined: the address is of the service, not of a version. */
  readonly version: string | undefined;
  /** What stands behind the version: the project's id. */
  readonly project: string | undefined;
}

const VERSION = /^v(\d+)(?:\.(\d+))?$/i;

export function endpointParts(url: string): EndpointParts {
  const { origin, pathname } = new URL(url);
  const segments = pathname.split('/').filter((segment) => segment !== '');
  const at = segments.findLastIndex((segment) => VERSION.test(segment));
  const base = at < 0 ? segments : segments.slice(0, at);
  const project = at < 0 ? [] : segments.slice(at + 1);
  return {
    base: [origin, ...base].join('/'),
    version: at < 0 ? undefined : segments[at],
    project: project.length === 0 ? undefined : project.join('/'),
  };
}

/** The major number of `v2.1` or of `2.1`; undefined: it is no version. */
export function majorOf(version: string | undefined): number | undefined {
  const match = /^v?(\d+)(\.|$)/i.exec(version ?? '');
  return match === null ? undefined : Number(match[1]);
}

const entry = z.object({
  id: z.string().regex(VERSION),
  links: z.array(z.object({ rel: z.string(), href: z.string() })).default([]),
  min_version: z.string().nullish(),
  version: z.string().nullish(),
  max_version: z.string().nullish(),
});

const lists = z.union([
  z.object({ version: z.unknown() }).transform(({ version }) => [version]),
  z.object({ versions: z.array(z.unknown()) }).transform(({ versions }) => versions),
  z
    .object({ versions: z.object({ values: z.array(z.unknown()) }) })
    .transform(({ versions }) => versions.values),
]);

/** Undefined: this is no document of versions. What cannot be read of it is left out. */
export function offeredVersions(body: unknown): readonly OfferedVersion[] | undefined {
  const list = lists.safeParse(body);
  if (!list.success) return undefined;
  return list.data.flatMap((one) => {
    const { success, data } = entry.safeParse(one);
    return success ? [offered(data)] : [];
  });
}

function offered(one: z.output<typeof entry>): OfferedVersion {
  const [, major, minor = '0'] = VERSION.exec(one.id) ?? [];
  const min = one.min_version ?? '';
  const max = one.max_version ?? one.version ?? '';
  return {
    id: one.id,
    major: Number(major),
    minor: Number(minor),
    href: one.links.find(({ rel }) => rel === 'self')?.href,
    microversions: min === '' || max === '' ? undefined : { min, max },
  };
}

/** The newest of a major version. */
export function newestOf(
  versions: readonly OfferedVersion[],
  major: number,
): OfferedVersion | undefined {
  return versions
    .filter((one) => one.major === major)
    .toSorted((a, b) => b.minor - a.minor)
    .at(0);
}

/**
 * Where a version is, by the catalog's address of its service. The document's link shows how the
 * service sees itself: its path is taken where it lies below the same host and path, and else only
 * its last part, which names the version.
 */
export function versionUrl(base: string, version: OfferedVersion): string {
  const { id, href } = version;
  const fallback = `${base}/${id}`;
  if (href === undefined || !URL.canParse(href, `${base}/`)) return fallback;
  const root = new URL(base);
  const link = new URL(href, `${base}/`);
  const path = link.pathname.replace(/\/+$/, '');
  const isBelow = path.startsWith(`${root.pathname.replace(/\/+$/, '')}/`);
  if (link.hostname === root.hostname && isBelow) return root.origin + path;
  const segment = path.split('/').findLast((one) => VERSION.test(one));
  return segment === undefined ? fallback : `${base}/${segment}`;
}
