// What the web server sends to browsers is no TypeScript: the compiler leaves it behind.
import { copyFileSync, mkdirSync, readdirSync, utimesSync } from 'node:fs';

const from = new URL('../shared/web/dashboard/', import.meta.url);
const to = new URL('../dist/shared/web/dashboard/', import.meta.url);

mkdirSync(to, { recursive: true });
for (const name of readdirSync(from))
  if (!name.endsWith('.ts')) copyFileSync(new URL(name, from), new URL(name, to));

// The compiler leaves its record alone where only pages have changed; the quickstart goes by its time.
const now = new Date();
utimesSync(new URL('../dist/.tsbuildinfo', import.meta.url), now, now);
