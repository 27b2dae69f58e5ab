#!/usr/bin/env node
/**
 * `nodepool-builder`: builds disk images and uploads them. Not built yet: it checks its arguments
 * and its configuration, says so, and exits with 69 (service unavailable, sysexits.h).
 */
import { homedir } from 'node:os';

import { packageVersion } from '../shared/base/version.ts';
import { parseDaemonArguments } from '../shared/config/daemon/arguments.ts';

const parsed = parseDaemonArguments({
  daemon: 'builder',
  args: process.argv.slice(2),
  home: homedir(),
  cwd: process.cwd(),
  version: packageVersion(),
});
if (parsed.kind === 'exit') {
  (parsed.code === 0 ? process.stdout : process.stderr).write(`${parsed.text}\n`);
  process.exitCode = parsed.code;
} else {
  process.stderr.write('nodepool-builder: the builder is not built yet\n');
  process.exitCode = 69;
}
