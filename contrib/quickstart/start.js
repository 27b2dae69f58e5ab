/**
 * `npm run quickstart` on a fresh machine: fetches the dependencies and builds where that is
 * missing or out of date, then runs quickstart.ts. Needs Node and npm, nothing else.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

const BUILT_FROM = ['launcher', 'builder', 'shared', 'schemas', 'package.json', '.config/build.js'];

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node 20.19 or newer is needed; this is ${process.versions.node}.`);
  process.exit(1);
}
if (isOlder('node_modules/.package-lock.json', ['package-lock.json'])) {
  npm('fetching dependencies', 'ci', '--ignore-scripts', '--no-audit', '--no-fund');
}
if (isOlder('dist/launcher/main.js', BUILT_FROM)) {
  npm('building', 'run', 'build');
}

const child = spawn(
  process.execPath,
  ['--import=tsx', join(root, 'contrib/quickstart/quickstart.ts'), ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
// Ctrl-C reaches the child from the terminal; it stops its servers and tells how that went.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  });
}
child.on('exit', (code, signal) => {
  process.exitCode = signal ? 1 : code;
});

function npm(what, ...args) {
  console.log(`${what} (npm ${args.join(' ')}) ...`);
  const { status } = spawnSync('npm', args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) process.exit(1);
}

/** Whether the made file is missing or older than any of the files that it is made from. */
function isOlder(made, sources) {
  const path = join(root, made);
  if (!existsSync(path)) return true;
  const { mtimeMs } = statSync(path);
  return sources.some((source) => newest(join(root, source)) > mtimeMs);
}

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}
