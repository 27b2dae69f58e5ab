/** Writes docs/reference/errors.md. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errorsPage } from './errors-page.ts';

await writeFile(resolve(import.meta.dirname, '../../docs/reference/errors.md'), errorsPage());
