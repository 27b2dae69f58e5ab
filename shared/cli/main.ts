#!/usr/bin/env node
/**
 * `nodepool`: the command line. What it does is in run.ts; here it meets the process.
 */
import { hostname } from 'node:os';

import { systemClock } from '../base/clock.ts';
import { packageVersion } from '../base/version.ts';
import { askLine } from './ask-line.ts';
import { runCli } from './run.ts';
import { terminalOf } from './terminal/terminal.ts';

const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => {
    interrupted.abort(new Error('interrupted'));
  });
}
// A reader that has seen enough (`nodepool list | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await runCli({
  args: process.argv.slice(2),
  version: packageVersion(),
  environment: process.env,
  hostname: hostname(),
  clock: systemClock,
  signal: interrupted.signal,
  print: (line) => process.stdout.write(`${line}\n`),
  warn: (line) => process.stderr.write(`${line}\n`),
  ask: (question) => askLine(question, process.stdin, process.stdout, interrupted.signal),
  write: (bytes) =>
    new Promise((resolve) => {
      process.stdout.write(bytes, () => {
        resolve();
      });
    }),
  terminal: terminalOf({
    stdin: process.stdin,
    stdout: process.stdout,
    environment: process.env,
  }),
});
