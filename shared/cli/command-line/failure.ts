/** Why a command has failed, as the user reads it. Pure. */
import { ConfigError, hasLabel, messageOf, NodepoolError } from '../../base/errors.ts';

/** A longer chain is of interest to `--debug` alone. */
const MAX_CAUSES = 3;

/** The message with those of its causes, as far as they say more. */
export function withCauses(error: unknown): string {
  let text = messageOf(error);
  let current = error;
  for (let depth = 0; depth < MAX_CAUSES; depth++) {
    current = current instanceof Error ? current.cause : undefined;
    if (current === undefined) break;
    const more = messageOf(current);
    if (!text.includes(more)) text += `: ${more}`;
  }
  return text;
}

/** The whole of what is printed; with a stack trace for those who want to see all details. */
export function failureText(error: unknown, isDebug: boolean): string {
  if (isDebug && error instanceof Error) return error.stack ?? error.message;
  // The lines of a configuration error name their file and place themselves.
  if (error instanceof ConfigError) return error.message;
  const hint = error instanceof NodepoolError && error.hint !== undefined ? `\n${error.hint}` : '';
  const doubt = hasLabel(error, 'ambiguous')
    ? '\nwhether it took effect is not known: look, or do it again, which does no harm'
    : '';
  return `nodepool: ${withCauses(error)}${hint}${doubt}`;
}
