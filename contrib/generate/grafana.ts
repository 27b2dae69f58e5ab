/** Writes contrib/grafana/nodepool.json. */
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { format, type Options } from 'prettier';
import { dashboard } from './grafana/dashboard.ts';

const [target, settings] = ['../grafana/nodepool.json', '../../.config/prettier.json'].map((path) =>
  resolve(import.meta.dirname, path),
);
const options = JSON.parse(await readFile(settings ?? '', 'utf8')) as Options;
const text = await format(JSON.stringify(dashboard()), { ...options, parser: 'json' });
await writeFile(target ?? '', text);
