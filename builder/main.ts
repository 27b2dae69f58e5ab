#!/usr/bin/env node
/** `nodepool-builder`: the process around the builder. Signals and exit codes: shared/daemon. */
import '../shared/base/early-signals.ts';

import { runProgram } from '../shared/daemon/program.ts';
import { runDaemon } from './daemon.ts';

await runProgram({
  daemon: 'builder',
  logFile: '/var/log/nodepool/nodepool-builder.log',
  run: runDaemon,
});
