/** When a test with daemons fails, what they said last belongs to the error. */
import type { RunningDaemon } from '../../fixtures/processes/daemon.ts';

/** Runs the steps; if they fail, the error tells the ends of the logs, so many lines of each. */
export async function withLogEnds(
  daemons: readonly RunningDaemon[],
  lines: number,
  steps: () => Promise<void>,
): Promise<void> {
  try {
    await steps();
  } catch (error) {
    // Those that were started again go on in the same log.
    const logs = new Map(daemons.map((daemon) => [daemon.logPath, daemon]));
    for (const [path, daemon] of logs)
      if (error instanceof Error)
        error.stack = `${error.stack ?? ''}\n--- ${path}:\n${await daemon.tail(lines)}`;
    throw error;
  }
}
