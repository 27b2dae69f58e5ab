/**
 * A Kubernetes client that Python Nodepool 11's drivers work with. Since 36 it keeps tokens under another
 * name than utils_k8s.py looks for, so the peers' environment, which has the newest one, lends a token of
 * nothing to `openshiftpods` nodes.
 */
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from '../../fixtures/processes/run.ts';
import type { Peers } from './peers.ts';

const VERSION = '35.0.0';

/**
 * The folder for PYTHONPATH of the peers' interpreter. It lies beside the peers and is made at the first
 * call, which needs a package index.
 */
export async function pythonKubernetes({ nodepoolPython }: Peers): Promise<string> {
  const peers = join(dirname(nodepoolPython), '../..');
  const folder = join(peers, `kubernetes-${VERSION}`);
  if (await stat(folder).catch(() => undefined)) return folder;
  await mkdir(peers, { recursive: true });
  const made = await mkdtemp(`${folder}-`);
  // What it depends on is in the peers' environment.
  const options = ['--quiet', '--disable-pip-version-check', '--no-deps', '--target', made];
  await run(nodepoolPython, ['-m', 'pip', 'install', ...options, `kubernetes==${VERSION}`]);
  // Somebody else may have been quicker.
  await rename(made, folder).catch(() => rm(made, { recursive: true, force: true }));
  return folder;
}
