/** The daemon's report on a pull: a line of JSON for each step, and one for its failure. */
import { createInterface } from 'node:readline';

/** Reads to the end. @throws Error with the daemon's words, if the pull failed. */
export async function readPull(report: NodeJS.ReadableStream): Promise<void> {
  // Of lines alone an error of the stream would not be seen.
  const failed = new Promise<never>((_, reject) => report.once('error', reject));
  failed.catch(() => undefined);
  const lines = async (): Promise<void> => {
    for await (const line of createInterface({ input: report, crlfDelay: Infinity })) {
      const problem = problemIn(line);
      if (problem !== undefined) throw new Error(problem);
    }
  };
  await Promise.race([lines(), failed]);
}

function problemIn(line: string): string | undefined {
  if (line.trim() === '') return undefined;
  const step = JSON.parse(line) as { readonly error?: unknown };
  return typeof step.error === 'string' ? step.error : undefined;
}
