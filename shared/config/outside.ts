/**
 * Loads the sections of drivers from outside the tree, which nodepool.yaml names under
 * `extensions: drivers: NAME: module:`, before anything else of the file is understood.
 *
 * A module is a path from the folder of nodepool.yaml, or the name of an npm package that is installed
 * there or beside this package. It is loaded once for the process: a new version needs a restart.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { driverSections } from '../../schemas/config/drivers/all.ts';
import type { OutsideSection, OutsideSectionModule } from '../../schemas/config/drivers/outside.ts';
import type { AnyDriverSection } from '../../schemas/config/drivers/section.ts';
import { messageOf } from '../base/errors.ts';
import type { FileFindings } from './findings.ts';
import { isMapping } from './mapping.ts';
import { substitute } from './substitute.ts';
import type { Environment } from './substitute.ts';
import { parseYaml } from './yaml/parse.ts';

/** By name; undefined: it could not be loaded, which has been reported. */
export type OutsideSections = ReadonlyMap<string, OutsideSection | undefined>;

export const NO_OUTSIDE: OutsideSections = new Map();

/** `value`: the parsed file. What cannot be loaded is reported, each at its option. */
export async function loadOutside(
  value: unknown,
  file: string,
  report: FileFindings,
): Promise<OutsideSections> {
  const found = new Map<string, OutsideSection | undefined>();
  for (const [name, specifier] of modulesIn(value)) {
    const fail = (message: string): void => {
      report('error', ['extensions', 'drivers', name, 'module'], message);
    };
    if (driverSections.has(name)) {
      fail(`there is a driver ${name} already: choose another name`);
      continue;
    }
    try {
      const module = addressOf(specifier, file);
      found.set(name, { section: await sectionOf(module, name), module });
    } catch (error) {
      found.set(name, undefined);
      fail(`driver ${name} cannot be loaded: ${messageOf(error).split('\n')[0] ?? ''}`);
    }
  }
  return found;
}

/** The sections of drivers from outside the tree that a file names, as far as they can be loaded. */
export async function outsideSectionsIn(
  path: string,
  environment: Environment,
): Promise<readonly AnyDriverSection[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const { value } = parseYaml(substitute(text, environment).text);
  const found = await loadOutside(value, path, () => undefined);
  return [...found.values()].flatMap((one) => (one === undefined ? [] : [one.section]));
}

function modulesIn(value: unknown): (readonly [string, string])[] {
  const extensions = isMapping(value) ? value.extensions : undefined;
  const drivers = isMapping(extensions) ? extensions.drivers : undefined;
  if (!isMapping(drivers)) return [];
  return Object.entries(drivers).flatMap(([name, options]) => {
    const module = isMapping(options) ? options.module : undefined;
    return typeof module === 'string' ? [[name, module] as const] : [];
  });
}

/** Where the file's folder knows no such package, ours may. */
function addressOf(specifier: string, file: string): string {
  const path = /^\.{0,2}\//.test(specifier) ? resolve(file, '..', specifier) : specifier;
  try {
    return pathToFileURL(createRequire(resolve(file)).resolve(path)).href;
  } catch (error) {
    if (path !== specifier) throw error;
    return pathToFileURL(createRequire(import.meta.url).resolve(path)).href;
  }
}

async function sectionOf(module: string, name: string): Promise<AnyDriverSection> {
  const { section, driver } = (await import(module)) as Partial<
    OutsideSectionModule & { readonly driver: unknown }
  >;
  if (typeof section !== 'function' || typeof driver !== 'function')
    throw new Error('the module must export the functions section and driver');
  // Holds all of zod: only who has such a driver loads it.
  const { sectionKit } = await import('../../schemas/config/drivers/outside.ts');
  const made = section(sectionKit);
  if (made.name !== name) throw new Error(`its section is named ${made.name}`);
  return made;
}
