/**
 * Which options of a disk image have changed, by what follows from it: what goes into the image, what
 * only its nodes and uploads have, when it is built. Names only, as values may be secret. Pure.
 */
import { isDeepStrictEqual } from 'node:util';

import type { DiskimageConfig } from '../../../schemas/config/model.ts';

export interface ImageOptions {
  /** What diskimage-builder sees (builder/inputs): another value makes another image. */
  readonly inputs: readonly string[];
  /** What only later builds, uploads and nodes follow. */
  readonly others: readonly string[];
}

type Name = keyof DiskimageConfig;

const INPUTS: readonly (readonly [Name, string])[] = [
  ['dibCmd', 'dib-cmd'],
  ['elements', 'elements'],
  ['release', 'release'],
];

const OTHERS: readonly (readonly [Name, string])[] = [
  ['keepFormats', 'keep-formats'],
  ['deleteAfterUpload', 'delete-after-upload'],
  ['rebuildAgeSeconds', 'rebuild-age'],
  ['buildTimeoutSeconds', 'build-timeout'],
  ['username', 'username'],
  ['pythonPath', 'python-path'],
  ['shellType', 'shell-type'],
  ['metadata', 'metadata'],
];

export function changedImageOptions(old: DiskimageConfig, now: DiskimageConfig): ImageOptions {
  const differs = ([name]: readonly [Name, string]): boolean =>
    !isDeepStrictEqual(old[name], now[name]);
  const textOf = ([, text]: readonly [Name, string]): string => text;
  const variables = [...new Set([...Object.keys(old.envVars), ...Object.keys(now.envVars)])]
    .filter((name) => old.envVars[name] !== now.envVars[name])
    .map((name) => `env-vars: ${name}`);
  return {
    inputs: [...INPUTS.filter(differs).map(textOf), ...variables],
    others: OTHERS.filter(differs).map(textOf),
  };
}
