// Builds `dist`: a few files instead of hundreds, since a start pays for each that it reads. Types are not
// looked at here: `npm run check` does. Why, and what is bundled: docs/decisions/0021-bundles.md.
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const root = new URL('../', import.meta.url);
const { bin, dependencies } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));

/** Every start needs them, and they come in many files. All others are loaded from `node_modules`. */
const BUNDLED = ['p-limit', 'yaml', 'zod'];

/** Each has its place in `dist`: what is started, and what `programFile` of shared/base names. */
const PROGRAMS = [
  ...Object.values(bin).map((path) => path.replace(/^dist\/(.*)\.js$/, '$1.ts')),
  'shared/config/aside/thread.ts',
];

/** Named after their folders, for whoever reads a stack. */
const drivers = readdirSync(new URL('shared/drivers', root))
  .map((name) => `shared/drivers/${name}/driver.ts`)
  .filter((path) => existsSync(new URL(path, root)));

/** zod's messages in 60 languages are a third of what a start would read. */
const onlyEnglish = {
  name: 'only-english',
  setup({ onLoad }) {
    onLoad({ filter: /[/\\]zod[/\\]v4[/\\]locales[/\\]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};

rmSync(new URL('dist', root), { recursive: true, force: true });
await build({
  absWorkingDir: fileURLToPath(root),
  entryPoints: [...PROGRAMS, ...drivers],
  outdir: 'dist',
  outbase: '.',
  chunkNames: 'shared/chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  external: Object.keys(dependencies)
    .filter((name) => !BUNDLED.includes(name))
    .flatMap((name) => [name, `${name}/*`]),
  // yaml is no ES module and asks for modules of Node.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
  plugins: [onlyEnglish],
  sourcemap: 'linked',
  sourcesContent: false,
  logLevel: 'warning',
});

// What the web server sends to browsers is no part of a program.
cpSync(new URL('shared/web/dashboard/', root), new URL('dist/shared/web/dashboard/', root), {
  recursive: true,
  filter: (path) => !path.endsWith('.ts'),
});
