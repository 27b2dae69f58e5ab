/**
 * Where everything stands in ZooKeeper, relative to the chroot. The only module that knows paths.
 * Python Nodepool and Zuul use the same ones.
 */
import type { ComponentKind } from '../../schemas/records/component.ts';
import type { DrainKind } from '../../schemas/records/drain.ts';

export const REQUESTS = '/nodepool/requests';
export const REQUEST_LOCKS = '/nodepool/requests-lock';
export const NODES = '/nodepool/nodes';
export const IMAGES = '/nodepool/images';
export const COMPONENTS = '/nodepool/components';
/** Whoever wins it tells statsd how many nodes there are. */
export const STATS_ELECTION = '/nodepool/elections/stats';
/** Ours alone: the others list nothing of `/nodepool` itself. */
export const DRAINS = '/nodepool/drain';

export function requestPath(id: string): string {
  return `${REQUESTS}/${id}`;
}

export function requestLockPath(id: string): string {
  return `${REQUEST_LOCKS}/${id}`;
}

export function nodePath(id: string): string {
  return `${NODES}/${id}`;
}

export function nodeLockPath(id: string): string {
  return `${NODES}/${id}/lock`;
}

export function componentRoot(kind: ComponentKind): string {
  return `${COMPONENTS}/${kind}`;
}

/** What is drained, by kind. */
export function drainsPath(kind: DrainKind): string {
  return `${DRAINS}/${kind}s`;
}

/** Its presence alone drains what has the name. */
export function drainPath(kind: DrainKind, name: string): string {
  return `${drainsPath(kind)}/${name}`;
}

/** The parts of a drain's path; undefined for other paths. */
export function parseDrainPath(path: string): { kind: DrainKind; name: string } | undefined {
  const match = /^\/nodepool\/drain\/(provider|launcher)s\/([^/]+)$/.exec(path);
  const [, kind, name] = match ?? [];
  return kind === undefined || name === undefined ? undefined : { kind: kind as DrainKind, name };
}

/** The last part of a path. */
export function idOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The parts of a request id; undefined for what is no request id. */
export function parseRequestId(id: string): { priority: string; sequence: string } | undefined {
  const parts = /^(\d+)-(\d{10})$/.exec(id);
  if (parts?.[1] === undefined || parts[2] === undefined) return undefined;
  return { priority: parts[1], sequence: parts[2] };
}

/**
 * Whether an image, or anything else, of that name can stand in ZooKeeper: one level of a path, of
 * characters that its servers take (org.apache.zookeeper.common.PathUtils).
 */
export function isName(name: string): boolean {
  if (name === '' || name === '.' || name === '..') return false;
  return !/[/\p{Cc}]/u.test(name) && !/[\ud800-\uf8ff\ufff0-\uffff]/.test(name);
}

/** Its presence alone says that nothing is built. */
export function imagePausePath(image: string): string {
  return `${IMAGES}/${image}/pause`;
}

/** Its presence alone asks for a build. */
export function buildRequestPath(image: string): string {
  return `${IMAGES}/${image}/request-build`;
}

/** Builds of an image, and the lock of whoever builds it. */
export function buildsPath(image: string): string {
  return `${IMAGES}/${image}/builds`;
}

export function buildPath({ image, build }: BuildKey): string {
  return `${buildsPath(image)}/${build}`;
}

/** Held by whoever builds the image. */
export function imageBuildLockPath(image: string): string {
  return `${buildsPath(image)}/lock`;
}

/** Held for changing a build's record. */
export function buildLockPath(key: BuildKey): string {
  return `${buildPath(key)}/lock`;
}

/** Providers that a build is or was uploaded to. */
export function providersPath(key: BuildKey): string {
  return `${buildPath(key)}/providers`;
}

/** Uploads of a build to a provider. */
export function uploadsPath(key: BuildKey, provider: string): string {
  return `${providersPath(key)}/${provider}/images`;
}

/** Held by whoever uploads the build to the provider. */
export function uploadsLockPath(key: BuildKey, provider: string): string {
  return `${uploadsPath(key, provider)}/lock`;
}

export function uploadPath(key: UploadKey): string {
  return `${uploadsPath(key, key.provider)}/${key.upload}`;
}

/** Held for changing an upload's record. */
export function uploadLockPath(key: UploadKey): string {
  return `${uploadPath(key)}/lock`;
}

export interface BuildKey {
  readonly image: string;
  readonly build: string;
}

export interface UploadKey extends BuildKey {
  readonly provider: string;
  readonly upload: string;
}

/** The parts of a build's path; undefined for other paths. */
export function parseBuildPath(path: string): BuildKey | undefined {
  const match = /^\/nodepool\/images\/([^/]+)\/builds\/([^/]+)$/.exec(path);
  const [, image = '', build = ''] = match ?? [];
  return match && build !== 'lock' ? { image, build } : undefined;
}

/** The parts of an upload's path below the images' root; undefined for other paths. */
export function parseUploadPath(path: string): UploadKey | undefined {
  const match =
    /^\/nodepool\/images\/([^/]+)\/builds\/([^/]+)\/providers\/([^/]+)\/images\/(\d{10})$/.exec(
      path,
    );
  if (!match) return undefined;
  const [, image = '', build = '', provider = '', upload = ''] = match;
  return { image, build, provider, upload };
}

/** The image of a pause's path; undefined for other paths. */
export function parsePausePath(path: string): string | undefined {
  return /^\/nodepool\/images\/([^/]+)\/pause$/.exec(path)?.[1];
}

/** The image of the path of a request for a build; undefined for other paths. */
export function parseBuildRequestPath(path: string): string | undefined {
  return /^\/nodepool\/images\/([^/]+)\/request-build$/.exec(path)?.[1];
}
