/**
 * `npm run fault`: everything goes wrong under load, and afterwards all must be well.
 *
 *   npm run fault -- --minutes 30 --seed 7     storms and quiet times for so long
 *   npm run fault -- --short                   one minute of storm, as CI has it
 *   npm run fault -- --rounds 10 --seed 7      only kill -9, under the load of a real Zuul
 *
 * The seed chooses faults and load, and is printed. `--keep FOLDER` keeps logs there. Exit code 1 and the
 * violations where something was not well.
 */
import { parseArgs } from 'node:util';
import { faultRun } from './fault-run.ts';
import { killRounds } from './kill.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    short: { type: 'boolean' },
    rounds: { type: 'string' },
    seed: { type: 'string' },
    keep: { type: 'string' },
    'port-base': { type: 'string' },
  },
});

const SHORT_MS = 60_000;
const DEFAULT_MINUTES = 5;

const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
console.log(`seed ${seed}`);

if (values.rounds !== undefined) {
  await killRounds({ seed, rounds: Number(values.rounds) });
} else {
  const minutes = Number(values.minutes ?? DEFAULT_MINUTES);
  const violations = await faultRun({
    seed,
    stormMs: values.short === true ? SHORT_MS : minutes * 60_000,
    workDir: values.keep,
    portBase: values['port-base'] === undefined ? undefined : Number(values['port-base']),
    log: (line) => {
      console.log(line);
    },
  });
  for (const violation of violations) console.error(`VIOLATION ${violation}`);
  console.log(
    violations.length === 0 ? 'all is well' : `${violations.length} violations, seed ${seed}`,
  );
  process.exitCode = violations.length === 0 ? 0 : 1;
}
