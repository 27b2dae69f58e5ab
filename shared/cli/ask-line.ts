/** Asks a question on a terminal, or of whatever is at the other end of the pipes. */
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

import { abortReason, onAbort } from '../base/wait.ts';

/** The line without its end; undefined: the input has ended. */
export async function askLine(
  question: string,
  input: Readable,
  output: Writable,
  signal: AbortSignal,
): Promise<string | undefined> {
  output.write(question);
  const lines = createInterface({ input });
  let forget = (): void => undefined;
  try {
    return await new Promise<string | undefined>((resolve, reject) => {
      lines.once('line', resolve);
      lines.once('close', () => {
        resolve(undefined);
      });
      input.once('error', reject);
      // Some releases of Node.js hand it on.
      lines.once('error', reject);
      forget = onAbort(signal, () => {
        reject(abortReason(signal));
      });
    });
  } finally {
    forget();
    lines.close();
  }
}
