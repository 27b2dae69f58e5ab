/** The version of this package, from its package.json. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { packageFolder } from './program-files.ts';

export function packageVersion(): string {
  if (packageFolder === undefined) return 'unknown';
  const manifest: unknown = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest && 'version' in manifest
    ? String(manifest.version)
    : 'unknown';
}
