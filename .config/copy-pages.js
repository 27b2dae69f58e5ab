// What the web server sends to browsers is no TypeScript: the compiler leaves it behind.
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';

const from = new URL('../shared/web/dashboard/', import.meta.url);
const to = new URL('../dist/shared/web/dashboard/', import.meta.url);

mkdirSync(to, { recursive: true });
for (const name of readdirSync(from))
  if (!name.endsWith('.ts')) copyFileSync(new URL(name, from), new URL(name, to));
