/**
 * Where everything stands in ZooKeeper, relative to the chroot. The only module that knows paths.
 * Python Nodepool and Zuul use the same ones.
 */
import type { ComponentKind } from '../../schemas/records/component.ts';

export const REQUESTS = '/nodepool/requests';
export const REQUEST_LOCKS = '/nodepool/requests-lock';
export const NODES = '/nodepool/nodes';
export const IMAGES = '/nodepool/images';
export const COMPONENTS = '/nodepool/components';

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

/** The parts of an upload's path below the images' root; undefined for other paths. */
export function parseUploadPath(
  path: string,
): { image: string; build: string; provider: string; upload: string } | undefined {
  const match =
    /^\/nodepool\/images\/([^/]+)\/builds\/([^/]+)\/providers\/([^/]+)\/images\/(\d{10})$/.exec(
      path,
    );
  if (!match) return undefined;
  const [, image = '', build = '', provider = '', upload = ''] = match;
  return { image, build, provider, upload };
}
