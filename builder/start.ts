/**
 * The builder's start, as far as it is there: arguments and configuration are checked as they will
 * be, then it says that it is not built. Changes nothing and starts nothing.
 */
import { ConfigError } from '../shared/base/errors.ts';
import { parseDaemonArguments } from '../shared/config/daemon/arguments.ts';
import type { ArgumentsInput } from '../shared/config/daemon/arguments.ts';
import { loadConfig } from '../shared/config/load.ts';
import type { Environment } from '../shared/config/substitute.ts';

/** "Service unavailable" in sysexits.h: neither the command line nor the files are to blame. */
const NOT_BUILT = 69;

export interface BuilderInput extends Omit<ArgumentsInput, 'daemon'> {
  readonly environment: Environment;
}

export interface BuilderEnd {
  readonly code: number;
  /** For stdout if the code is 0, else for stderr. */
  readonly text: string;
}

export async function startBuilder(input: BuilderInput): Promise<BuilderEnd> {
  const parsed = parseDaemonArguments({ ...input, daemon: 'builder' });
  if (parsed.kind === 'exit') return { code: parsed.code, text: parsed.text };
  const { configPath, securePath } = parsed.options;
  try {
    await loadConfig({ path: configPath, securePath, environment: input.environment });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { code: 1, text: error.message };
  }
  return { code: NOT_BUILT, text: 'nodepool-builder: the builder is not built yet' };
}
