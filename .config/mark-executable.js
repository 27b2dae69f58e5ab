// npm links the bins straight to these files, so they must be executable after each build.
import { chmodSync } from 'node:fs';

for (const program of ['launcher/main.js', 'builder/main.js', 'shared/cli/main.js']) {
  chmodSync(new URL(`../dist/${program}`, import.meta.url), 0o755);
}
