#!/usr/bin/env node
/** `nodepool-launcher`: the process around the launcher. Signals and exit codes: shared/daemon. */
import '../shared/base/early-signals.ts';

import { tuneEngine } from '../shared/base/engine.ts';
import { runProgram } from '../shared/daemon/program.ts';
import { runDaemon } from './daemon.ts';

await runProgram({
  daemon: 'launcher',
  logFile: '/var/log/nodepool/nodepool.log',
  prepare: tuneEngine,
  run: runDaemon,
});
