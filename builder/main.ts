#!/usr/bin/env node
/**
 * `nodepool-builder`: builds disk images and uploads them. Not built yet. Exit codes: 0 for --help
 * and --version, 1 for a configuration that the builder could not start with, 2 for wrong
 * arguments, 69 (service unavailable, sysexits.h) where it would start.
 */
import { homedir } from 'node:os';

import { packageVersion } from '../shared/base/version.ts';
import { startBuilder } from './start.ts';

const { code, text } = await startBuilder({
  args: process.argv.slice(2),
  home: homedir(),
  cwd: process.cwd(),
  version: packageVersion(),
  environment: process.env,
});
(code === 0 ? process.stdout : process.stderr).write(`${text}\n`);
process.exitCode = code;
