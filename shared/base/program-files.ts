/**
 * Where the files of this program are. It runs from its sources or from `dist`, where many modules are one
 * file: a module's own address says nothing of another one's there.
 */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const place = placeOf(dirname(fileURLToPath(import.meta.url)));

/** The folder that has the package.json; undefined where there is none. */
export const packageFolder: string | undefined = place?.package;

/** Whether it runs as it is shipped, not from its sources. */
export const isBuilt: boolean = place !== undefined && place.code !== place.package;

/** Of a file or folder, by its path in the project: `shared/web/dashboard/`. */
export function programFile(path: string): URL {
  return new URL(path, pathToFileURL(join(place?.code ?? '.', '/')));
}

/** The nearest package above `folder`, and what holds its code: `dist`, or itself. */
function placeOf(folder: string): { package: string; code: string } | undefined {
  for (let inner = folder, at = folder; ; inner = at, at = dirname(at)) {
    if (existsSync(join(at, 'package.json')))
      return { package: at, code: basename(inner) === 'dist' ? inner : at };
    if (dirname(at) === at) return undefined;
  }
}
