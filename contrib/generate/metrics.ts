/** Writes docs/reference/metrics.md and the exporter's mapping. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { metricsPage } from './metrics-page.ts';
import { statsdMapping } from './statsd-mapping.ts';

const root = resolve(import.meta.dirname, '../..');
await writeFile(resolve(root, 'docs/reference/metrics.md'), metricsPage());
await writeFile(resolve(root, 'contrib/statsd_exporter/statsd-mapping.yaml'), statsdMapping());
