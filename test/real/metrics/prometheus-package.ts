/** Prometheus and promtool, as Debian has them. */
import { installPackages } from '../../../fixtures/processes/install.ts';
import { isInstalled } from '../../../fixtures/processes/run.ts';

/** Installs what is missing, without starting a service of the system's. */
export async function ensurePrometheus(): Promise<void> {
  const found = await Promise.all(['prometheus', 'promtool'].map((name) => isInstalled(name)));
  if (found.includes(false)) await installPackages(['prometheus']);
}
