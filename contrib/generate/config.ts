/** Writes schemas/generated/nodepool.schema.json and docs/reference/configuration.md. */
import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { configJsonSchema } from '../../schemas/config/json-schema.ts';
import { configPage } from './config-page.ts';

const root = resolve(import.meta.dirname, '../..');
await mkdir(`${root}/schemas/generated`, { recursive: true });
await writeFile(
  `${root}/schemas/generated/nodepool.schema.json`,
  `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
);
await writeFile(`${root}/docs/reference/configuration.md`, configPage());
