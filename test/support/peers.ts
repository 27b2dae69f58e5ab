/**
 * The shared tools and the Python peers (Nodepool and Zuul), where a machine has them. They lie
 * beside the project in `../shared/tools`, or where NODEPOOL_TOOLS says. Nothing but the tests and
 * benchmarks that compare with Python needs them.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { launcherProgram } from '../../fixtures/launcher/start.ts';
import { run } from '../../fixtures/processes/run.ts';

/** The project's top folder. */
export const projectRoot = resolve(import.meta.dirname, '../..');

export interface Peers {
  /** The folder of the shared tools. */
  readonly tools: string;
  /** An interpreter that can `import nodepool`. */
  readonly nodepoolPython: string;
  /** An interpreter that can `import zuul`. */
  readonly zuulPython: string;
}

let found: Promise<Peers | undefined> | undefined;

/**
 * Undefined where there are no tools. Makes the virtual environments at the first call, which needs
 * a package index and may take two minutes; a failure there counts as "not there" unless
 * `isRequired`.
 */
export function findPeers({ isRequired = false } = {}): Promise<Peers | undefined> {
  found ??= lookForPeers();
  return isRequired ? found : found.catch(() => undefined);
}

/** The peers, or the end of what the hook or test is for, with a word on why. */
export async function peersOrSkip(
  context: Mocha.Context,
  { needsLauncher = false } = {},
): Promise<Peers> {
  const peers = await findPeers();
  if (peers !== undefined && (!needsLauncher || launcherProgram() !== undefined)) return peers;
  console.log('      skipped: no shared tools with Python peers, or the launcher is not built');
  return context.skip();
}

async function lookForPeers(): Promise<Peers | undefined> {
  const tools = resolve(projectRoot, process.env.NODEPOOL_TOOLS ?? '../shared/tools');
  const script = join(tools, 'peer-up.sh');
  if (!existsSync(script)) return undefined;
  const output = await run(script, ['up']);
  const setting = (name: string): string => {
    const value = new RegExp(`^${name}=(.*)$`, 'm').exec(output)?.[1];
    if (value === undefined) throw new Error(`${script} did not print ${name}`);
    return value;
  };
  return {
    tools,
    nodepoolPython: setting('NODEPOOL_PYTHON'),
    zuulPython: setting('ZUUL_PYTHON'),
  };
}
